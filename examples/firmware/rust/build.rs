//! Chooses the board by the target, says how it is linked, and compiles the C.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let target = env::var("TARGET").expect("cargo gives the target");
    let (board, memory) = match target.as_str() {
        "thumbv6m-none-eabi" => ("microbit", (256, 16)),
        "thumbv7m-none-eabi" => ("lm3s6965evb", (256, 64)),
        other => panic!("no board for {other}"),
    };
    println!("cargo::rustc-check-cfg=cfg(board, values(\"microbit\", \"lm3s6965evb\"))");
    println!("cargo::rustc-cfg=board=\"{board}\"");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo gives a directory"));
    let (flash, ram) = memory;
    let regions = format!(
        "MEMORY {{\n  FLASH : ORIGIN = 0x00000000, LENGTH = {flash}K\n  \
         RAM : ORIGIN = 0x20000000, LENGTH = {ram}K\n}}\n"
    );
    // Each interrupt of `board::Interrupt` that the program does not handle.
    let handlers = "PROVIDE(HOST = DefaultHandler);\nPROVIDE(SPARE = DefaultHandler);\n";
    fs::write(out.join("memory.x"), regions).expect("the directory is writable");
    fs::write(out.join("device.x"), handlers).expect("the directory is writable");
    println!("cargo::rustc-link-search={}", out.display());
    for script in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
        println!("cargo::rustc-link-arg-bins={script}");
    }

    let (source, header) = ("src/mixed.c", "../../../include/quell.h");
    cc::Build::new()
        .file(source)
        .include("../../../include")
        .flags(["-std=c99", "-Wpedantic", "-Wconversion", "-Wshadow"])
        .warnings_into_errors(true)
        .extra_warnings(true)
        .compile("mixed");
    for input in ["build.rs", source, header] {
        println!("cargo::rerun-if-changed={input}");
    }
}
