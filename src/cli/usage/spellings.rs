//! The counterparts of sigma-cli's options and commands, and of arguments that newcomers leave out.
//!
//! In: a command and a word that it does not know. Out: what to write instead, of the table
//! `spellings.tsv`.

/// What an option of sigma-cli is for this command. A word that is no option is empty in the table.
pub(super) fn of_option(command: &str, written: &str) -> Option<&'static str> {
    let name = written.split('=').next().unwrap_or(written);
    let name = if name.starts_with('-') { name } else { "" };
    tip("option", |of| of.is_empty() || of == command, name)
}

/// What a command of sigma-cli is.
pub(super) fn of_command(above: &str, written: &str) -> Option<&'static str> {
    tip("command", |of| of == above, written)
}

/// What to give for an argument that is left out.
pub(super) fn of_missing(command: &str, missing: &str) -> Option<&'static str> {
    tip("missing", |of| of.is_empty() || of == command, missing)
}

fn tip(wrong: &str, is_for: impl Fn(&str) -> bool, name: &str) -> Option<&'static str> {
    include_str!("spellings.tsv").lines().find_map(|line| {
        let mut cells = line.split('\t');
        let (kind, of, names) = (cells.next()?, cells.next()?, cells.next()?);
        let fits = kind == wrong && is_for(of) && names.split('|').any(|known| known == name);
        cells.next().filter(|_| fits)
    })
}
