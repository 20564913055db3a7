//! The steps as a constant table of C.

use std::fmt::Write as _;

use super::calls::CALLS;
use super::read::{ANSWERS, NOTICES, TOLD};
use super::row::{ComStep, Lock, Out, Party, Returns, Teller, Told};
use crate::sheet::Placed as _;

const TYPES: &str = "
/* The parties; `index` is the requester (0, 1) or the writer (0 to 2). */
enum { CONFORMANCE_COM_REQUESTER, CONFORMANCE_COM_WRITER, CONFORMANCE_COM_PROVIDER, \
CONFORMANCE_COM_CLOCK };
/* What `out` holds: nothing, answers of which one is right, numbers. */
enum { CONFORMANCE_COM_NO_OUT, CONFORMANCE_COM_ONE_OF, CONFORMANCE_COM_NUMBERS };
/* In place of an operation: the backup object itself. */
#define CONFORMANCE_COM_OBJECT 0xFFFFFFFFu
/* In place of the count of answers, of what was told, of `lock`. */
#define CONFORMANCE_COM_IS_HELD 255u
#define CONFORMANCE_COM_NOT_LOOKED_AT 255u
#define CONFORMANCE_COM_ANYTHING 254u

typedef struct {
    const char *id;
    uint32_t argument, with;
    uint32_t returns[CONFORMANCE_COM_ANSWERS], out[CONFORMANCE_COM_ANSWERS];
    uint8_t first; /* 1: a sequence begins. */
    uint8_t who, index, thread, call;
    uint8_t returns_count, out_kind, out_count, lock, objects;
    /* Writer * 16 + what, in order; 15 is the provider. */
    uint8_t told_count, told[CONFORMANCE_COM_TOLD];
} conformance_com_step;

";

/// The names and the types: also for programs that leave the rows out.
pub(crate) fn names(out: &mut String) {
    // Writing to a string cannot fail.
    for (number, call) in CALLS.iter().enumerate() {
        let _ = writeln!(out, "#define CONFORMANCE_CALL_{} {number}u", call.name);
    }
    for (before, name) in NOTICES.iter().enumerate() {
        let _ = writeln!(out, "#define CONFORMANCE_TOLD_{name} {}u", before.saturating_add(1));
    }
    let _ = writeln!(out, "#define CONFORMANCE_COM_ANSWERS {ANSWERS}");
    let _ = writeln!(out, "#define CONFORMANCE_COM_TOLD {TOLD}");
    out.push_str(TYPES);
}

/// The part of the header that has these rows.
pub(crate) fn text(out: &mut String, rows: &[ComStep]) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "#define CONFORMANCE_COM_STEPS {}u", rows.len());
    out.push_str(
        "static const conformance_com_step conformance_com_steps[CONFORMANCE_COM_STEPS] = {\n",
    );
    for row in rows {
        one(out, row);
    }
    out.push_str("};\n\n");
}

fn list(numbers: &[u32]) -> String {
    let all: Vec<String> = numbers.iter().map(|number| format!("{number:#x}u")).collect();
    if all.is_empty() { "0u".to_owned() } else { all.join(", ") }
}

fn one(out: &mut String, row: &ComStep) {
    let (who, index, thread) = match row.who {
        Party::Requester(index, thread) => ("REQUESTER", index, thread),
        Party::Told(Teller::Writer(index)) => ("WRITER", index, 0),
        Party::Told(Teller::Provider) => ("PROVIDER", 0, 0),
        Party::Clock => ("CLOCK", 0, 0),
    };
    let (returns, returned) = match &row.returns {
        Returns::Nothing => ("0u".to_owned(), [].as_slice()),
        Returns::Held => ("CONFORMANCE_COM_IS_HELD".to_owned(), [].as_slice()),
        Returns::OneOf(codes) => (format!("{}u", codes.len()), codes.as_slice()),
    };
    let (kind, given) = match &row.out {
        Out::Nothing => ("NO_OUT", [].as_slice()),
        Out::OneOf(codes) => ("ONE_OF", codes.as_slice()),
        Out::Numbers(numbers) => ("NUMBERS", numbers.as_slice()),
    };
    let (count, told) = match &row.told {
        Told::NotLookedAt => ("CONFORMANCE_COM_NOT_LOOKED_AT".to_owned(), Vec::new()),
        Told::Anything => ("CONFORMANCE_COM_ANYTHING".to_owned(), Vec::new()),
        Told::These(all) => (
            format!("{}u", all.len()),
            all.iter()
                .map(|(teller, what)| {
                    let writer = match teller {
                        Teller::Writer(writer) => *writer,
                        Teller::Provider => 15,
                    };
                    u32::from(writer) << 4 | u32::from(*what)
                })
                .collect(),
        ),
    };
    let lock = match row.lock {
        Lock::Free => "0u",
        Lock::Held => "1u",
        Lock::NotLookedAt => "CONFORMANCE_COM_NOT_LOOKED_AT",
    };
    let [argument, with] = row.arguments;
    let _ = writeln!(
        out,
        "    {{\"{}\", {argument:#x}u, {with:#x}u, {{{}}}, {{{}}}, {}, CONFORMANCE_COM_{who}, {index}, \
         {thread}, CONFORMANCE_CALL_{}, {returns}, CONFORMANCE_COM_{kind}, {}, {lock}, {}, {count}, \
         {{{}}}}},",
        row.place().id,
        list(returned),
        list(given),
        u32::from(row.first),
        row.call.name,
        given.len(),
        row.objects,
        list(&told),
    );
}
