//! The steps as a constant table of C.

use std::fmt::Write as _;

use quell::{Cause, Effects, Level};

use crate::c_table::mode;
use crate::sequence::row::{Act, Expected, Out, Party, SequenceRow};
use crate::sheet::{Placed as _, word};

/// How many notices one step can have.
pub(crate) const TOLD: usize = 12;

/// The calls, by their numbers in the C table.
const CALLS: [&str; 33] = [
    "INITIALISE",
    "START_SET",
    "PREPARE",
    "PREPARE_SNAPSHOT",
    "FREEZE",
    "HOLD",
    "THAW",
    "POST_SNAPSHOT",
    "COMPLETE",
    "ABORT",
    "RELEASE",
    "SNAPSHOT",
    "WRITER",
    "LOOK",
    "ASYNC_BEGIN",
    "ASYNC_CANCEL",
    "ASYNC_WAIT",
    "ASYNC_STATUS",
    "LINKED",
    "RETURNS",
    "POLL",
    "COMMIT",
    "FINISH",
    "FAIL",
    "ACKNOWLEDGE",
    "REFUSES",
    "TAKES",
    "AGREES",
    "HOLDS",
    "LETS_GO",
    "PASS",
    "EXPIRE",
    "PROVIDER_FAILS",
];

/// The number of a call in the C table.
pub(crate) fn number(act: Act) -> u32 {
    let name = word(act);
    let name = name.split(['(', ' ']).next().unwrap_or_default();
    let place = CALLS.iter().position(|call| *call == name);
    place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX)
}

const TYPES: &str = "
/* The parties: a requester's thread, a writer, a worker, the clock, the
 * provider; `index` is the thread (0, 1), or the writer (0 to 2). */
enum {
    CONFORMANCE_REQUESTER, CONFORMANCE_WRITER, CONFORMANCE_WORKER, CONFORMANCE_CLOCK,
    CONFORMANCE_PROVIDER
};
/* What `out` holds: nothing; how many were told, are owed, refused; a writer's
 * state; the set's phase, its cause, the completion's phase; a code; a level; a
 * verdict. */
enum {
    CONFORMANCE_OUT_NOTHING, CONFORMANCE_OUT_COUNTS, CONFORMANCE_OUT_WRITER,
    CONFORMANCE_OUT_LOOK, CONFORMANCE_OUT_CODE, CONFORMANCE_OUT_LEVEL,
    CONFORMANCE_OUT_ANSWER
};
/* Beside quell's verdicts: nothing is said; the call has not returned. */
#define CONFORMANCE_NOBODY_SAYS 254u
#define CONFORMANCE_HELD 253u

typedef struct {
    const char *id;
    /* A purpose, a writer, a mode, milliseconds, a call, effects, a code, ticks,
     * a notice; and the code or the ticks that go with that notice. */
    uint32_t argument, with;
    uint32_t hresult;
    uint32_t out[3];
    uint8_t first; /* 1: a sequence begins. */
    uint8_t who, session, index, call, verdict, returns_hresult, out_kind, stage, locked;
    /* Writer * 16 + notice, in order; `told_count` of them. */
    uint8_t told_count, told[12];
} conformance_step;

";

/// The part of the header that has these rows.
pub(crate) fn text(out: &mut String, rows: &[SequenceRow]) {
    // Writing to a string cannot fail.
    for (number, name) in CALLS.iter().enumerate() {
        let _ = writeln!(out, "#define CONFORMANCE_STEP_{name} {number}u");
    }
    out.push_str(TYPES);
    let _ = writeln!(out, "#define CONFORMANCE_STEPS {}u", rows.len());
    out.push_str("static const conformance_step conformance_steps[CONFORMANCE_STEPS] = {\n");
    for row in rows {
        write_row(out, row);
    }
    out.push_str("};\n\n");
}

fn write_row(text: &mut String, row: &SequenceRow) {
    let (who, index) = match row.who {
        Party::Requester(_, thread) => ("REQUESTER", thread),
        Party::Writer(writer) => ("WRITER", writer),
        Party::Worker(_) => ("WORKER", 0),
        Party::Clock => ("CLOCK", 0),
        Party::Provider => ("PROVIDER", 0),
    };
    let (argument, with) = arguments(row.act);
    let (kind, out) = out(row.out);
    let told: Vec<String> = row
        .told
        .iter()
        .map(|told| {
            let writer = u32::try_from(told.writer).unwrap_or(0);
            format!("{}u", writer << 4 | told.notice.raw())
        })
        .collect();
    let _ = writeln!(
        text,
        "    {{\"{}\", {argument}, {with}, {:#x}u, {{{}}}, {}u,\n     CONFORMANCE_{who}, {}u, {index}u, \
         CONFORMANCE_STEP_{}, {}, {}u, CONFORMANCE_OUT_{kind},\n     QUELL_STAGE_{}, {}u, {}u, {{{}}}}},",
        row.place().id,
        row.hresult.unwrap_or(0),
        out.join(", "),
        u32::from(row.place().id.ends_with("/1")),
        row.who.session(),
        CALLS.get(number(row.act) as usize).copied().unwrap_or("NOTHING"),
        match row.expected {
            Expected::Nothing => "CONFORMANCE_NOBODY_SAYS".to_owned(),
            Expected::Held => "CONFORMANCE_HELD".to_owned(),
            Expected::Verdict(verdict) => format!("QUELL_{verdict}"),
        },
        u32::from(row.hresult.is_some()),
        word(row.stage),
        u32::from(row.locked),
        told.len(),
        if told.is_empty() { "0u".to_owned() } else { told.join(", ") },
    );
}

fn arguments(act: Act) -> (String, String) {
    let one = |argument: String| (argument, "0u".to_owned());
    let number = |argument: u32| one(format!("{argument:#x}u"));
    let notice = |notice: quell::Notice| format!("QUELL_NOTICE_{}", word(notice));
    match act {
        Act::Initialise(purpose) => one(format!("QUELL_PURPOSE_{}", word(purpose))),
        Act::Writer(writer) => number(u32::try_from(writer).unwrap_or(u32::MAX)),
        Act::AsyncBegin(how) => one(mode(how)),
        Act::AsyncWait(limit) => number(limit.unwrap_or(u32::MAX)),
        Act::Returns(call) => number(call),
        Act::Fail(code) | Act::ProviderFails(code) => number(code.raw()),
        Act::Acknowledge(effects) => one(format!("QUELL_EFFECTS_{}", Effects::name(effects))),
        Act::Refuses(told, code) => (notice(told), format!("{:#x}u", code.raw())),
        Act::Takes(told, ticks) => (notice(told), format!("{ticks:#x}u")),
        Act::Agrees(told) | Act::Holds(told) | Act::LetsGo(told) => one(notice(told)),
        Act::Pass(ticks) => number(ticks),
        _ => number(0),
    }
}

fn out(out: Out) -> (&'static str, Vec<String>) {
    let number = |number: u32| format!("{number:#x}u");
    match out {
        Out::Nothing => ("NOTHING", vec![number(0)]),
        Out::Counts(counts) => ("COUNTS", counts.map(number).to_vec()),
        Out::Writer(state) => ("WRITER", vec![number(state as u32)]),
        Out::Look(set, cause, completion) => (
            "LOOK",
            vec![
                format!("QUELL_PHASE_{set}"),
                format!("QUELL_CAUSE_{}", cause.map_or("NONE", Cause::name)),
                format!("QUELL_PHASE_{completion}"),
            ],
        ),
        Out::Code(code) => ("CODE", vec![number(code)]),
        Out::Level(level) => {
            ("LEVEL", vec![format!("QUELL_LEVEL_{}", level.map_or("NONE", Level::name))])
        }
        Out::Answer(verdict) => ("ANSWER", vec![format!("QUELL_{verdict}")]),
    }
}
