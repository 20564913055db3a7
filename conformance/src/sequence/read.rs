//! From text to steps.

use quell::{Code, Phase};

use crate::Malformed;
use crate::abort_row::WRITERS;
use crate::read::{Cells, id};
use crate::sequence::c;
use crate::sequence::row::{Act, Expected, Out, Party, SequenceRow, Told};
use crate::sheet::{self, Place};
use crate::words::{self, Read};

const COLUMNS: [&str; 12] = [
    "sequence", "step", "source", "who", "call", "argument", "verdict", "hresult", "out", "told",
    "stage", "lock",
];

pub(crate) fn file(file: &str, text: &str, rows: &mut Vec<SequenceRow>) -> Result<(), Malformed> {
    let mut before: Option<(String, u32)> = None;
    sheet::read(file, text, &COLUMNS, rows, |place, cells| {
        let sequence = cells.of("sequence", id)?;
        let step = cells.of("step", words::number)?;
        let next = match &before {
            Some((name, last)) if *name == sequence => last.saturating_add(1),
            _ => 1,
        };
        if step != next {
            return Err(format!("step: {step} of {sequence} comes where {next} should"));
        }
        before = Some((sequence.clone(), step));
        let place = Place { id: format!("{sequence}/{step}"), ..place };
        row(place, sequence, cells)
    })
}

fn row(place: Place, sequence: String, cells: &Cells<'_>) -> Read<SequenceRow> {
    let who = cells.of("who", party)?;
    let act = act(who, cells)?;
    let expected = cells.of("verdict", |cell| match cell {
        "HELD" => Ok(Expected::Held),
        "-" => Ok(Expected::Nothing),
        _ => Ok(words::verdict(cell)?.map_or(Expected::Nothing, Expected::Verdict)),
    })?;
    let hresult = cells.of("hresult", sheet::hresult)?;
    if hresult.is_some() && !matches!(expected, Expected::Verdict(_)) {
        return Err("hresult: nothing has returned".to_owned());
    }
    Ok(SequenceRow {
        place,
        source: cells.of("source", sheet::source)?,
        sequence,
        who,
        act,
        expected,
        hresult,
        out: cells.of("out", |cell| out(act, expected, cell))?,
        told: cells.of("told", told)?,
        stage: cells.of("stage", sheet::stage)?,
        locked: cells.of("lock", sheet::locked)?,
    })
}

fn party(cell: &str) -> Read<Party> {
    Ok(match cell {
        "R1" => Party::Requester(0, 0),
        "R1b" => Party::Requester(0, 1),
        "R2" => Party::Requester(1, 0),
        "R2b" => Party::Requester(1, 1),
        "W0" => Party::Writer(0),
        "W1" => Party::Writer(1),
        "W2" => Party::Writer(2),
        "OP1" => Party::Worker(0),
        "OP2" => Party::Worker(1),
        "CLOCK" => Party::Clock,
        "PROVIDER" => Party::Provider,
        _ => return Err(format!("`{cell}` is nobody")),
    })
}

fn code(cell: &str) -> Read<Code> {
    Code::new(words::number(cell)?).ok_or(format!("`{cell}` is no code of a failure"))
}

fn act(who: Party, cells: &Cells<'_>) -> Read<Act> {
    let call = cells.of("call", |cell| Ok(cell.to_owned()))?;
    cells.of("argument", |argument| {
        let mut bare = true;
        let act = match (who, call.as_str()) {
            (Party::Requester(..), call) => match requester(call) {
                Some(act) => act,
                None => {
                    bare = false;
                    requester_with(call, argument)?
                }
            },
            (Party::Worker(_), "POLL") => Act::Poll,
            (Party::Worker(_), "COMMIT") => Act::Commit,
            (Party::Worker(_), "FINISH") => Act::Finish,
            (Party::Clock, "EXPIRE") => Act::Expire,
            (_, call) => {
                bare = false;
                with(who, call, argument)?
            }
        };
        if bare {
            words::nothing(argument, "argument")?;
        }
        Ok(act)
    })
}

fn requester(call: &str) -> Option<Act> {
    Some(match call {
        "START_SET" => Act::StartSet,
        "PREPARE" => Act::Prepare,
        "PREPARE_SNAPSHOT" => Act::PrepareSnapshot,
        "FREEZE" => Act::Freeze,
        "HOLD" => Act::Hold,
        "THAW" => Act::Thaw,
        "POST_SNAPSHOT" => Act::PostSnapshot,
        "COMPLETE" => Act::Complete,
        "ABORT" => Act::Abort,
        "RELEASE" => Act::Release,
        "SNAPSHOT" => Act::Snapshot,
        "LOOK" => Act::Look,
        "ASYNC_CANCEL" => Act::AsyncCancel,
        "ASYNC_STATUS" => Act::AsyncStatus,
        "LINKED" => Act::Linked,
        _ => return None,
    })
}

fn requester_with(call: &str, argument: &str) -> Read<Act> {
    Ok(match call {
        "INITIALISE" => Act::Initialise(sheet::purpose(argument)?),
        "WRITER" => {
            Act::Writer(argument.parse().map_err(|_| format!("`{argument}` is no writer"))?)
        }
        "ASYNC_BEGIN" => Act::AsyncBegin(words::mode(argument)?),
        "ASYNC_WAIT" if argument == "INFINITE" => Act::AsyncWait(None),
        "ASYNC_WAIT" => Act::AsyncWait(Some(words::number(argument)?)),
        "RETURNS" => Act::Returns(match argument {
            "ASYNC_WAIT" => c::number(Act::AsyncWait(None)),
            call => requester(call).map(c::number).ok_or(format!("`{call}` is never held"))?,
        }),
        _ => return Err(format!("`{call}` is no call of a requester")),
    })
}

fn with(who: Party, call: &str, argument: &str) -> Read<Act> {
    let (first, second) = argument.split_once(' ').unwrap_or((argument, ""));
    Ok(match (who, call) {
        (Party::Worker(_), "FAIL") => Act::Fail(code(argument)?),
        (Party::Worker(_), "ACKNOWLEDGE") => Act::Acknowledge(words::effects(argument)?),
        (Party::Writer(_), "REFUSES") => Act::Refuses(sheet::notice(first)?, code(second)?),
        (Party::Writer(_), "TAKES") => Act::Takes(sheet::notice(first)?, words::number(second)?),
        (Party::Writer(_), "AGREES") => Act::Agrees(sheet::notice(argument)?),
        (Party::Writer(_), "HOLDS") => Act::Holds(sheet::notice(argument)?),
        (Party::Writer(_), "LETS_GO") => Act::LetsGo(sheet::notice(argument)?),
        (Party::Clock, "PASS") => Act::Pass(words::number(argument)?),
        (Party::Provider, "FAIL") => Act::ProviderFails(code(argument)?),
        _ => return Err(format!("`{call}` is no call of theirs")),
    })
}

fn out(act: Act, expected: Expected, cell: &str) -> Read<Out> {
    let parts: Vec<&str> = cell.split(' ').collect();
    let returned = matches!(expected, Expected::Verdict(_));
    let abort = act == Act::Abort || act == Act::Returns(c::number(Act::Abort));
    Ok(match (act, parts.as_slice()) {
        _ if cell == "-" => Out::Nothing,
        _ if !returned => return Err("nothing has returned".to_owned()),
        (_, [told, owed, refused]) if abort => {
            let number = |cell: &&str| words::number(cell);
            Out::Counts([number(told)?, number(owed)?, number(refused)?])
        }
        (Act::Writer(_), [state]) => Out::Writer(sheet::writer_state(state)?),
        (Act::Look, [set, cause, completion]) => {
            let phase = |cell: &str| -> Read<Phase> { words::phase(cell) };
            Out::Look(phase(set)?, words::cause(cause)?, phase(completion)?)
        }
        (Act::AsyncStatus, [_]) => {
            Out::Code(sheet::hresult(cell)?.ok_or("something is placed".to_owned())?)
        }
        (Act::Poll, [level]) => Out::Level(words::level(level)?),
        (Act::Linked, [_]) => {
            Out::Answer(words::verdict(cell)?.ok_or("it said something".to_owned())?)
        }
        _ => return Err(format!("`{cell}` does not come with this call")),
    })
}

fn told(cell: &str) -> Read<Vec<Told>> {
    let mut told = Vec::new();
    if cell == "-" {
        return Ok(told);
    }
    for entry in cell.split(' ') {
        let (writers, notice) = entry.split_once(':').ok_or(format!("`{entry}` has no `:`"))?;
        let notice = sheet::notice(notice)?;
        match writers {
            "*" => told.extend((0..WRITERS).map(|writer| Told { writer, notice })),
            "0" | "1" | "2" => told.push(Told { writer: words::number(writers)? as usize, notice }),
            _ => return Err(format!("`{writers}` is no writer")),
        }
    }
    if told.len() > c::TOLD {
        return Err(format!("more than {} notices in one step", c::TOLD));
    }
    Ok(told)
}
