//! The embedded default under test: a shim, so that cargo builds it with the tests of this package.
fn main() -> std::process::ExitCode {
    swamp_reference::main()
}
