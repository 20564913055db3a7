//! Makes the C header from `ffi/`.
//!
//! With the feature `header`, cbindgen's output, and the two polls inlined in
//! it, goes to `OUT_DIR/quell.h`, where a test compares it with the committed
//! `include/quell.h`. With `QUELL_WRITE_HEADER` set as well, it is written
//! there: that is `make header`.

fn main() {
    println!("cargo::rerun-if-changed=../build.rs");
    #[cfg(feature = "header")]
    header::make();
}

#[cfg(feature = "header")]
mod header {
    #![expect(clippy::expect_used, reason = "a build script reports by panicking")]

    use std::path::PathBuf;
    use std::{env, fs};

    /// The prototypes that the header replaces by an inlined function, which
    /// is the whole of what the symbol does to a valid pointer.
    const INLINED: [(&str, &str); 3] = [
        (
            "quell_level_t quell_op_poll(const quell_op_t *op)",
            "    uint32_t word = QUELL_LOAD_RELAXED(&op->word);\n    \
             return (quell_level_t)((word & 0x80000000u) != 0u ? (word >> 26) & 3u : 0u);",
        ),
        (
            "quell_level_t quell_scope_poll(const quell_scope_t *scope)",
            "    return quell_op_poll(&scope->source.op);",
        ),
        (
            "quell_level_t quell_worker_poll(const quell_worker_t *worker)",
            "    uint32_t now = QUELL_LOAD_RELAXED(&worker->op->word);\n    \
             return now == worker->left ? QUELL_LEVEL_NONE\n                               \
             : quell_worker_poll_changed(worker->left, now);",
        ),
    ];

    /// A function of its arguments alone. Said to the compiler, so that the
    /// loop around an inlined `quell_worker_poll` keeps the worker in registers.
    const PURE: &str = "quell_level_t quell_worker_poll_changed(";

    pub(super) fn make() {
        println!("cargo::rerun-if-changed=../cbindgen.toml");
        println!("cargo::rerun-if-changed=src");
        println!("cargo::rerun-if-env-changed=QUELL_WRITE_HEADER");

        let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
        let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
        let config = cbindgen::Config::from_file(crate_dir.join("../cbindgen.toml"))
            .expect("cbindgen.toml is valid");
        let mut described = Vec::new();
        cbindgen::generate_with_config(&crate_dir, config)
            .expect("ffi/ can be described in C")
            .write(&mut described);
        let text = polish(String::from_utf8(described).expect("cbindgen writes UTF-8"));

        let generated = out_dir.join("quell.h");
        fs::write(&generated, &text).expect("OUT_DIR is writable");
        // For the test that compares it with the committed header.
        println!("cargo::rustc-env=QUELL_HEADER={}", generated.display());
        if env::var_os("QUELL_WRITE_HEADER").is_some() {
            fs::write(crate_dir.join("../include/quell.h"), &text).expect("include/ is writable");
        }
    }

    fn polish(mut text: String) -> String {
        for (prototype, body) in INLINED {
            let declared = format!("{prototype};\n");
            assert!(text.contains(&declared), "no such prototype: {prototype}");
            let inlined = format!(
                "#if defined(QUELL_NO_INLINE)\n{prototype};\n#else\n\
                 static inline {prototype} {{\n{body}\n}}\n#endif\n"
            );
            text = text.replace(&declared, &inlined);
        }
        let text = text.replace(PURE, &format!("QUELL_CONST {PURE}"));
        // Rust's heading for what the caller vouches for, as C calls it.
        let text = text.replace(" * # Safety\n * ", " * Precondition: ");
        text.lines().map(|line| with_unsigned_literal(line) + "\n").collect()
    }

    /// Bits and codes are `uint32_t` in C as well: cbindgen leaves the suffix
    /// off, and a code is read in hexadecimal.
    fn with_unsigned_literal(line: &str) -> String {
        let unsigned = [
            "MODE", "RIGHT", "EVENT", "CODE", "SHARE", "S", "E", "VSS", "VDS", "WSB", "GPM",
            "NVME", "SCSI", "SAS", "ISCSI",
        ]
        .map(|kind| format!("#define QUELL_{kind}_"));
        // Counts and sizes: read in decimal.
        let counts = [
            "#define QUELL_TABLE_HEADER_",
            "#define QUELL_TABLE_SLOT_",
            "#define QUELL_TABLE_MAX_",
        ];
        match line.rsplit_once(' ') {
            Some((name, number)) if unsigned.iter().any(|kind| line.starts_with(kind.as_str())) => {
                let number: u32 = number.parse().expect("a decimal constant");
                let digits =
                    if number > 9 { format!("0x{number:08X}") } else { number.to_string() };
                format!("{name} {digits}u")
            }
            Some(_) if counts.iter().any(|prefix| line.starts_with(prefix)) => format!("{line}u"),
            _ => line.to_owned(),
        }
    }
}
