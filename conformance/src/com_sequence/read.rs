//! From text to steps.

use super::calls::{CALLS, Call, Gives, OPERATIONS, Takes, Whose, number};
use super::row::{ComStep, Lock, Out, Party, Returns, Teller, Told};
use crate::Malformed;
use crate::read::{Cells, id};
use crate::sheet::{self, Place};
use crate::words::{self, Read};

const COLUMNS: [&str; 11] = [
    "sequence", "step", "source", "who", "call", "argument", "returns", "out", "told", "lock",
    "objects",
];

/// How many things can have been told in one step, and how many answers may be right.
pub(super) const TOLD: usize = 20;
pub(super) const ANSWERS: usize = 3;

/// The writers' notices, by their numbers from 1; then what the provider is asked.
pub(super) const NOTICES: [&str; 14] = [
    "PREPARE",
    "PREPARE_SNAPSHOT",
    "FREEZE",
    "THAW",
    "POST_SNAPSHOT",
    "COMPLETE",
    "ABORT",
    "SHUTDOWN",
    "READY",
    "SNAPSHOT",
    "IDENTIFY",
    "INQUIRE",
    "REVERT",
    "DELETE",
];
const OF_WRITERS: usize = 8;

/// VSS_CTX_…, of vss.h.
const CONTEXTS: [(&str, u32); 5] = [
    ("BACKUP", 0x0),
    ("FILE_SHARE_BACKUP", 0x10),
    ("NAS_ROLLBACK", 0x19),
    ("APP_ROLLBACK", 0x9),
    ("ALL", 0xFFFF_FFFF),
];

pub(super) fn file(file: &str, text: &str, rows: &mut Vec<ComStep>) -> Result<(), Malformed> {
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
        let place = Place { id: format!("com/{sequence}/{step}"), ..place };
        before = Some((sequence, step));
        row(place, step == 1, cells)
    })
}

fn row(place: Place, first: bool, cells: &Cells<'_>) -> Read<ComStep> {
    let who = cells.of("who", party)?;
    let call = cells.of("call", |cell| call(who, cell))?;
    let returns = cells.of("returns", |cell| returns(call, cell))?;
    Ok(ComStep {
        place,
        source: cells.of("source", sheet::source)?,
        first,
        who,
        call,
        arguments: cells.of("argument", |cell| arguments(who, call, cell))?,
        out: cells.of("out", |cell| out(call, &returns, cell))?,
        returns,
        told: cells.of("told", told)?,
        lock: cells.of("lock", |cell| match cell {
            "~" => Ok(Lock::NotLookedAt),
            cell => Ok(if sheet::locked(cell)? { Lock::Held } else { Lock::Free }),
        })?,
        objects: cells.of("objects", |cell| {
            cell.parse().map_err(|_| format!("`{cell}` is no number of objects"))
        })?,
    })
}

fn party(cell: &str) -> Read<Party> {
    Ok(match cell {
        "R1" => Party::Requester(0, 0),
        "R1b" => Party::Requester(0, 1),
        "R2" => Party::Requester(1, 0),
        "R2b" => Party::Requester(1, 1),
        "CLOCK" => Party::Clock,
        _ => Party::Told(teller(cell).ok_or(format!("`{cell}` is nobody"))?),
    })
}

fn teller(cell: &str) -> Option<Teller> {
    Some(match cell {
        "W0" => Teller::Writer(0),
        "W1" => Teller::Writer(1),
        "W2" => Teller::Writer(2),
        "PROVIDER" => Teller::Provider,
        _ => return None,
    })
}

fn call(who: Party, cell: &str) -> Read<&'static Call> {
    let theirs = |call: &&Call| match who {
        Party::Requester(..) => call.whose == Whose::Requester,
        Party::Told(Teller::Provider) => matches!(call.whose, Whose::Told | Whose::Provider),
        Party::Told(Teller::Writer(_)) => call.whose == Whose::Told,
        Party::Clock => call.whose == Whose::Clock,
    };
    CALLS
        .iter()
        .find(|call| call.name == cell)
        .filter(theirs)
        .ok_or(format!("`{cell}` is no call of theirs"))
}

fn notice(who: Party, cell: &str) -> Read<u32> {
    let place = NOTICES.iter().position(|name| *name == cell);
    let writers = place.is_some_and(|place| place < OF_WRITERS);
    match place {
        Some(place) if writers != (who == Party::Told(Teller::Provider)) => {
            Ok(u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1))
        }
        _ => Err(format!("`{cell}` is nothing that they are told")),
    }
}

fn arguments(who: Party, call: &Call, cell: &str) -> Read<[u32; 2]> {
    let (first, second) = cell.split_once(' ').unwrap_or((cell, ""));
    let one = |argument: u32| {
        if second.is_empty() { Ok([argument, 0]) } else { Err(format!("`{second}` is too much")) }
    };
    let operation = |name| number(name, OPERATIONS).ok_or(format!("`{name}` returns no operation"));
    match call.takes {
        Takes::Nothing => words::nothing(cell, "argument").map(|()| [0, 0]),
        Takes::Writer if matches!(cell, "0" | "1" | "2") => one(words::number(cell)?),
        Takes::Writer => Err(format!("`{cell}` is no writer")),
        Takes::Context => {
            let found = CONTEXTS.iter().find(|(name, _)| *name == cell);
            one(found.ok_or(format!("`{cell}` is no context"))?.1)
        }
        Takes::Volume => match cell.as_bytes() {
            [letter @ b'A'..=b'Z'] => one(u32::from(*letter)),
            _ => Err(format!("`{cell}` is no letter of a volume")),
        },
        Takes::Operation => one(operation(first)?),
        Takes::OperationAndTime if second == "INFINITE" => Ok([operation(first)?, u32::MAX]),
        Takes::OperationAndTime => Ok([operation(first)?, words::number(second)?]),
        Takes::OperationOrObject if cell == "-" => one(u32::MAX),
        Takes::OperationOrObject => one(operation(first)?),
        Takes::Call => match CALLS.iter().find(|call| call.name == cell) {
            Some(held) if held.whose == Whose::Requester && held.takes != Takes::Call => {
                one(number(cell, CALLS.len()).unwrap_or(u32::MAX))
            }
            _ => Err(format!("`{cell}` is never held")),
        },
        Takes::Notice => one(notice(who, first)?),
        Takes::NoticeAndCode => {
            let code = sheet::hresult(second)?.filter(|code| code >> 31 == 1);
            Ok([notice(who, first)?, code.ok_or(format!("`{second}` is no code of a failure"))?])
        }
        Takes::Time => one(words::number(cell)?),
    }
}

fn answers(cell: &str) -> Read<Vec<u32>> {
    let all = cell
        .split('|')
        .map(|code| sheet::hresult(code)?.ok_or(format!("`{cell}` holds no code")))
        .collect::<Read<Vec<u32>>>()?;
    if all.len() > ANSWERS { Err(format!("more than {ANSWERS} answers")) } else { Ok(all) }
}

fn returns(call: &Call, cell: &str) -> Read<Returns> {
    match (call.whose, cell) {
        (Whose::Requester, "-") => Err("every method returns something".to_owned()),
        (Whose::Requester, "HELD") if matches!(call.name, "RUN" | "RETURNS") => {
            Err(format!("{} is never held", call.name))
        }
        (Whose::Requester, "HELD") => Ok(Returns::Held),
        (Whose::Requester, cell) => Ok(Returns::OneOf(answers(cell)?)),
        (_, cell) => words::nothing(cell, "result").map(|()| Returns::Nothing),
    }
}

fn out(call: &Call, returns: &Returns, cell: &str) -> Read<Out> {
    let failed = match returns {
        Returns::OneOf(codes) => codes.iter().all(|code| code >> 31 == 1),
        Returns::Held => true,
        Returns::Nothing => false,
    };
    if failed || call.gives == Gives::Nothing {
        return words::nothing(cell, "out").map(|()| Out::Nothing);
    }
    let parts: Vec<&str> = cell.split(' ').collect();
    let numbers = |cells: &[&str]| cells.iter().copied().map(words::number).collect::<Read<_>>();
    match (call.gives, parts.as_slice()) {
        (Gives::Code, [_]) => Ok(Out::OneOf(answers(cell)?)),
        (Gives::State, [state, failure]) => {
            let failure = sheet::hresult(failure)?.ok_or("a writer has a failure, or S_OK")?;
            Ok(Out::Numbers(vec![sheet::writer_state(state)? as u32, failure]))
        }
        (Gives::Number, parts @ [_]) | (Gives::Numbers, parts @ [_, _]) => {
            Ok(Out::Numbers(numbers(parts)?))
        }
        _ => Err(format!("`{cell}` does not come with this call")),
    }
}

fn told(cell: &str) -> Read<Told> {
    let mut told = Vec::new();
    match cell {
        "~" => return Ok(Told::NotLookedAt),
        "ANY" => return Ok(Told::Anything),
        "-" => return Ok(Told::These(told)),
        _ => {}
    }
    for entry in cell.split(' ') {
        let (who, what) = entry.split_once(':').ok_or(format!("`{entry}` has no `:`"))?;
        let tellers = match who {
            "*" => vec![Teller::Writer(0), Teller::Writer(1), Teller::Writer(2)],
            "provider" => vec![Teller::Provider],
            who => vec![teller(&format!("W{who}")).ok_or(format!("`{who}` is no writer"))?],
        };
        for teller in tellers {
            let number = notice(Party::Told(teller), what)?;
            told.push((teller, u8::try_from(number).unwrap_or(u8::MAX)));
        }
    }
    if told.len() > TOLD {
        return Err(format!("more than {TOLD} notices in one step"));
    }
    Ok(Told::These(told))
}
