//! Says which port the core is built on: the models' under `--cfg quell_loom`,
//! the hosts' on Linux, on Windows, or with the feature `std`, else bare
//! metal's. The feature `bare-port` takes bare metal's on a host, for tests of it.

use std::env;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(quell_host, quell_bare)");
    println!("cargo::rerun-if-changed=build.rs");
    let given = |name: &str| env::var_os(name).is_some();
    let linux = env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|os| os == "linux");
    let windows = given("CARGO_CFG_WINDOWS");
    if given("CARGO_CFG_QUELL_LOOM") {
        return;
    }
    let host = linux || windows || given("CARGO_FEATURE_STD");
    let port = if host && !given("CARGO_FEATURE_BARE_PORT") { "quell_host" } else { "quell_bare" };
    println!("cargo::rustc-cfg={port}");
}
