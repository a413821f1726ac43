//! How the reference is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}"));
    if target("OS").as_deref() == Ok("linux") && target("ENV").as_deref() == Ok("gnu") {
        // A run starts it 1,500 times. At a fixed address it starts in half the time: nothing is
        // left to do for the 90,000 pointers in it that would have to be relocated each time.
        println!("cargo::rustc-link-arg-bin=swamp-reference=-no-pie");
    }
}
