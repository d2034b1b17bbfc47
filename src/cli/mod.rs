//! The command line: arguments in, exit code out.
//!
//! One file a command. Queries and tables go to standard output; all messages go to standard
//! error. `convert rules/ | head -1` prints one query and ends quietly.

mod atomic;
mod choose;
mod completions;
mod convert;
mod environment;
mod events;
mod explain;
mod filters;
mod hunt;
mod input;
mod lint;
mod list;
mod man;
mod mcp;
#[cfg(feature = "network")]
mod network;
mod page;
mod pipeline;
mod pipelines;
mod project;
mod reason;
mod report;
mod rule_options;
mod schema;
mod targets;
mod terminal;
mod test;
mod testable;
mod usage;
mod witness;

pub use input::RuleFile;

use crate::backend::BackendError;
use crate::diagnostic::{Code, Diagnostic};
use clap::{ArgAction, Args, Parser, Subcommand};
use report::{MessageFormat, Report};
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use terminal::ColorChoice;

/// Compile Sigma detection rules into the queries of SIEMs.
#[derive(Debug, Parser)]
#[command(name = "varsigma", version, max_term_width = 100)]
#[command(after_help = "\
Exit codes: 0 all well, 1 some rule failed, 2 wrong usage.

Examples:
  varsigma convert -t splunk rules/
  varsigma lint rules/
  varsigma init && varsigma build
  varsigma list targets")]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command knows.
#[derive(Debug, Clone, Args)]
struct Global {
    /// When to use colors: `auto` looks at the terminal, `NO_COLOR` and `CLICOLOR_FORCE`.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true, help_heading = "Messages")]
    color: ColorChoice,
    /// The form of messages on standard error.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human")]
    #[arg(help_heading = "Messages")]
    message_format: MessageFormat,
    /// Print errors only: no warnings, no summary, no progress.
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Messages"
    )]
    quiet: bool,
    /// Print every warning, and notes.
    #[arg(short, long, global = true, action = ArgAction::SetTrue, help_heading = "Messages")]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Convert(convert::Convert),
    Page(Box<page::Page>),
    Hunt(Box<hunt::Hunt>),
    Test(test::Test),
    Witness(witness::Witness),
    Lint(lint::Lint),
    List(list::List),
    Explain(explain::Explain),
    Pipeline(pipeline::PipelineCommand),
    Schema(schema::SchemaCommand),
    Init(project::Init),
    Build(project::Build),
    Check(project::Check),
    Diff(project::Diff),
    Watch(project::Watch),
    Completions(completions::Completions),
    Mcp(mcp::Mcp),
    Man(man::Man),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// 0
    Fine,
    /// 1: some rule failed.
    Failed,
    /// 2
    WrongUsage,
    /// 130: Ctrl-C ended it, with what it had found so far.
    Interrupted,
}

impl Exit {
    /// Did something fail?
    const fn of(failed: bool) -> Self {
        if failed { Self::Failed } else { Self::Fine }
    }
}

/// Why a command ended before its work was done.
#[derive(Debug)]
enum Stop {
    /// What was asked for does not exist, or a file of the user's own is wrong.
    Usage(Box<BackendError>),
    /// Standard output can't be written.
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<BackendError> for Stop {
    fn from(error: BackendError) -> Self {
        Self::Usage(Box::new(error))
    }
}

impl From<Diagnostic> for Stop {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::in_file("", "", vec![diagnostic])
    }
}

impl Stop {
    /// What is wrong with a file of the user's own.
    fn in_file(path: &str, text: &str, diagnostics: Vec<Diagnostic>) -> Self {
        Self::from(BackendError {
            path: path.to_owned(),
            text: text.to_owned(),
            diagnostics,
        })
    }
}

/// Runs the program on the arguments of its process.
#[must_use]
pub fn run() -> ExitCode {
    ExitCode::from(run_with(std::env::args_os().collect()))
}

/// Runs the program on these arguments, its name first, and gives its exit code.
#[must_use]
pub fn run_with(args: Vec<OsString>) -> u8 {
    if completions::answer(&args) {
        return 0;
    }
    let cli = match usage::parse(args.into_iter()) {
        Ok(cli) => cli,
        Err(error) => return help_or_fault(&error),
    };
    hide_guarded_panics();
    let mut report = Report::new(&cli.global);
    let ended = match cli.command {
        Command::Convert(command) => command.run(&mut report),
        Command::Page(command) => command.run(&mut report),
        Command::Hunt(command) => command.run(cli.global.color, &mut report),
        Command::Test(command) => command.run(cli.global.color, &mut report),
        Command::Witness(command) => command.run(&mut report),
        Command::Lint(command) => command.run(&mut report),
        Command::List(command) => command.run(cli.global.color),
        Command::Explain(command) => command.run(cli.global.color),
        Command::Pipeline(command) => command.run(&mut report),
        Command::Schema(command) => command.run(&mut report),
        Command::Init(command) => command.run(),
        Command::Build(command) => command.run(&mut report),
        Command::Check(command) => command.run(cli.global.color, &mut report),
        Command::Diff(command) => command.run(cli.global.color, &mut report),
        Command::Watch(command) => command.run(&mut report),
        Command::Completions(command) => command.run(),
        Command::Mcp(command) => command.run(),
        Command::Man(command) => command.run(),
    };
    let exit = ended.unwrap_or_else(|stop| match stop {
        Stop::Usage(error) => {
            report.all(&error.path, &error.text, &error.diagnostics);
            Exit::WrongUsage
        }
        // Whoever read the output has seen enough.
        Stop::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Fine,
        Stop::Output(error) => {
            let message = format!("standard output can't be written: {error}");
            report.all("", "", &[Diagnostic::error(Code::Unwritable, message)]);
            Exit::Failed
        }
    });
    let is_whole = report.finish();
    // Where another program calls this one, nothing flushes at its end.
    let _ = io::stdout().flush();
    match exit {
        Exit::Fine if is_whole => 0,
        Exit::Fine | Exit::Failed => 1,
        Exit::WrongUsage => 2,
        Exit::Interrupted => 130,
    }
}

/// The most threads that may be asked for.
const MOST_THREADS: usize = 256;

/// Prints what `--help` asks for, or what is wrong with the arguments.
fn help_or_fault(error: &clap::Error) -> u8 {
    match error.print() {
        Err(fault) if fault.kind() != io::ErrorKind::BrokenPipe => 1,
        _ => u8::try_from(error.exit_code()).unwrap_or(2),
    }
}

/// The number of threads; 0 is one for each processor.
fn pool(threads: usize) -> Result<rayon::ThreadPool, Diagnostic> {
    if threads > MOST_THREADS {
        let message = format!("expected at most {MOST_THREADS} threads, found {threads}");
        return Err(Diagnostic::error(Code::NoThreads, message)
            .help("leave out `--threads` to use one for each processor"));
    }
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.build().map_err(|error| {
        let message = format!("the system gives no threads: {error}");
        Diagnostic::error(Code::NoThreads, message)
    })
}

/// A panic while a rule is converted becomes that rule's diagnostic; the usual message would only
/// be noise among the others. `RUST_BACKTRACE` brings it back.
fn hide_guarded_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_main = std::thread::current().name() == Some("main");
        if is_main || std::env::var_os("RUST_BACKTRACE").is_some() {
            usual(panic);
        }
    }));
}
