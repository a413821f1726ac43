//! Where the locks of a datastore are, seen from its root.

use std::path::Path;

/// The lock of a namespace, or of the whole datastore in solo mode.
pub fn global(namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => format!(".locks/{namespace}.lock"),
        None => ".datastore.lock".to_owned(),
    }
}

/// The lock of a model.
pub fn model(namespace: Option<&str>, model_type: &str, model_id: &str) -> String {
    let below = format!("data/{model_type}/{model_id}/.lock");
    match namespace {
        Some(namespace) => format!("{namespace}/{below}"),
        None => below,
    }
}

/// The type and the id of the model whose lock a path (seen from the root) is; none where it is no
/// lock of the namespace's.
pub fn parse(namespace: Option<&str>, path: &Path) -> Option<(String, String)> {
    let below = match namespace {
        // Swamp takes a path outside of the namespace for what it would be in solo mode.
        Some(namespace) => path.strip_prefix(namespace).unwrap_or(path),
        None => path,
    };
    let parts: Vec<_> = below.iter().filter_map(|part| part.to_str()).collect();
    match parts.as_slice() {
        ["data", model_type @ .., id, ".lock"] if !model_type.is_empty() => {
            Some((model_type.join("/"), (*id).to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_carry_the_namespace() {
        assert_eq!(global(None), ".datastore.lock");
        assert_eq!(global(Some("infra")), ".locks/infra.lock");
        assert_eq!(
            model(Some("infra"), "@uat/probe", "m"),
            "infra/data/@uat/probe/m/.lock"
        );
        assert_eq!(model(None, "t", "m"), "data/t/m/.lock");
    }

    #[test]
    fn paths_are_read_back() {
        let parsed = |namespace, path| parse(namespace, Path::new(path));
        let probe = Some(("@uat/probe".to_owned(), "m".to_owned()));
        assert_eq!(
            parsed(Some("infra"), "infra/data/@uat/probe/m/.lock"),
            probe
        );
        assert_eq!(parsed(None, "data/@uat/probe/m/.lock"), probe);
        assert_eq!(parsed(Some("infra"), "security/data/t/m/.lock"), None);
        assert_eq!(parsed(None, "data/m/.lock"), None);
        assert_eq!(parsed(None, "data/t/m/other.lock"), None);
    }
}
