//! `varsigma man`: the manual page, in roff.

use super::{Cli, Exit, Stop};
use clap::{Args, CommandFactory};
use std::io::{self, Write};

/// Print the manual page (roff): `varsigma man | man -l -`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma man > varsigma.1")]
pub struct Man {}

impl Man {
    #[expect(clippy::unused_self, reason = "every command runs alike")]
    pub(super) fn run(self) -> Result<Exit, Stop> {
        let mut command = Cli::command();
        command.build();
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
        for sub in command
            .get_subcommands()
            .filter(|sub| sub.get_name() != "help")
        {
            section(sub, &mut page)?;
        }
        io::stdout().lock().write_all(&page)?;
        Ok(Exit::Fine)
    }
}

/// A command's own options, as a section of the one page.
fn section(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let title = format!("varsigma {}", command.get_name()).to_uppercase();
    writeln!(page, ".SH \"{title}\"")?;
    let man = clap_mangen::Man::new(command.clone());
    for part in [
        clap_mangen::Man::render_synopsis_section as fn(&clap_mangen::Man, &mut dyn Write) -> _,
        clap_mangen::Man::render_description_section,
        clap_mangen::Man::render_options_section,
    ] {
        let mut text = Vec::new();
        part(&man, &mut text)?;
        // The page's own sections begin with `.SH`; below a command they are one level down.
        let text = String::from_utf8_lossy(&text).replace(".SH ", ".SS ");
        page.extend_from_slice(text.as_bytes());
    }
    Ok(())
}
