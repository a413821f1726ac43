use super::{MANIFEST, claimed};
use crate::faults::Fault;
use crate::testing::World;

fn faulty(fault: Fault) -> World {
    claimed().with_fault(fault)
}

#[test]
fn fault_set_skips_manifest() {
    let world = World::with_two_repositories().with_fault(Fault::SetSkipsManifest);
    assert_eq!(world.namespace("a", &["set", "infra"]).code, 0);
    assert!(!world.path(MANIFEST).exists());
    assert!(world.read("a/.swamp.yaml").ends_with("namespace: infra\n"));
}

#[test]
fn fault_set_ignores_claim() {
    let world = faulty(Fault::SetIgnoresClaim);
    let manifest = world.read(MANIFEST);
    assert_eq!(world.namespace("b", &["set", "infra"]).code, 0);
    assert_ne!(world.read(MANIFEST), manifest);
}

#[test]
fn fault_rejected_set_writes() {
    for slug in ["Bad", "infra"] {
        let world = faulty(Fault::RejectedSetWrites);
        assert_eq!(world.namespace("b", &["set", slug]).code, 1);
        assert!(
            world
                .read("b/.swamp.yaml")
                .ends_with(&format!("namespace: {slug}\n"))
        );
    }
}

#[test]
fn fault_list_forgets_current() {
    let list = faulty(Fault::ListForgetsCurrent)
        .namespace("a", &["list"])
        .json();
    assert_eq!(list["namespaces"][0]["isCurrent"], false);
}

#[test]
fn fault_unset_ignores_others() {
    let world = faulty(Fault::UnsetIgnoresOthers);
    assert_eq!(world.namespace("b", &["set", "security"]).code, 0);
    assert_eq!(world.namespace("a", &["unset"]).code, 0);
}

#[test]
fn fault_unset_keeps_config() {
    let world = faulty(Fault::UnsetKeepsConfig);
    assert_eq!(world.namespace("a", &["unset"]).code, 0);
    assert!(world.read("a/.swamp.yaml").ends_with("namespace: infra\n"));
}
