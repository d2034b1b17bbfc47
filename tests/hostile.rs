//! A stranger's repository: no command runs, shows, overwrites or removes what is none of its own.

#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[allow(dead_code, reason = "other tests use the rest")]
mod repository;

use repository::Repository;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use varsigma::project::digest::digest;

/// Makes a repository hostile, with a file outside of it.
type Make = fn(&Repository, &Path);

/// A text that must not be shown.
const TOKEN: &str = "s3cr3t-token";

fn varsigma(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varsigma"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_CONFIG_SYSTEM", "/dev/null");
    command
}

fn both(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    let texts = streams.map(|stream| String::from_utf8_lossy(stream).into_owned());
    texts.concat()
}

#[track_caller]
fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = varsigma(folder, args).output().unwrap();
    let text = both(&output);
    assert!(!text.contains("panicked"), "{args:?}: {text}");
    (output.status.code(), text)
}

fn rule(title: &str) -> String {
    format!(
        "title: {title}\nlogsource: {{product: windows}}\n\
         detection:\n  s: {{A: 1}}\n  condition: s\n"
    )
}

/// A project that prints what its sender likes into a file that its sender likes.
fn writing(path: &str) -> Repository {
    let repository = Repository::new();
    let config = format!("pipelines = [\"pipelines/p.yml\"]\n[output.splunk]\npath = {path:?}\n");
    repository.write("varsigma.toml", config);
    repository.write("rules/a.yml", rule("a"));
    repository.write(
        "pipelines/p.yml",
        "postprocessing:\n- type: template\n  template: \"[core] fsmonitor = 'touch /tmp/x'\"\n",
    );
    repository
}

/// A lock that says that a build wrote a file with that text.
fn claim(repository: &Repository, path: &str, text: &[u8]) {
    let path = path.replace('\\', "\\\\");
    let digest = digest(text);
    repository.write(
        "varsigma.lock",
        format!(
            "{{\"lock\":1,\"varsigma\":\"0.1.0\",\"unfinished\":true}}\n\
             {{\"file\":\"{path}\",\"output\":\"splunk\",\"digest\":\"{digest}\"}}\n"
        ),
    );
}

#[test]
fn no_build_writes_files_of_git_or_of_the_project() {
    for path in [
        ".git/config",
        ".GIT/hooks/x",
        "sub/.git/x",
        ".git./config",
        ".git /config",
        ".git::$INDEX_ALLOCATION/config",
        ".g\u{200c}it/config",
        "git~1/config",
        ".gitmodules",
        ".gitattributes",
        ".gitignore",
        ".github/workflows/x.yml",
        "gitmod~1",
        "varsigma.toml",
        "Varsigma.TOML",
        "inner/varsigma.toml",
        "varsigma.lock",
        "rules/a.yml",
        "rules/new.yml",
        "Rules/A.yml",
        "pipelines/p.yml",
        "/tmp/varsigma-hostile",
        "../outside",
        "nul",
        "a\\b",
    ] {
        let repository = writing(path);
        let folder = repository.folder();
        let victim = folder.join(path);
        let old = fs::read(&victim).ok();
        claim(&repository, path, old.as_deref().unwrap_or_default());
        let old = fs::read(&victim).ok();
        for args in [&["build"][..], &["build", "--adopt", "--prune"]] {
            let (code, text) = run(folder, args);
            assert!(matches!(code, Some(1 | 2)), "{path}: {code:?} {text}");
            let new = fs::read(&victim).ok();
            if path.eq_ignore_ascii_case("varsigma.lock") {
                assert!(!String::from_utf8_lossy(&new.unwrap()).contains("fsmonitor"));
            } else {
                assert_eq!(new, old, "{path}: {text}");
            }
        }
        let config = fs::read_to_string(folder.join(".git/config")).unwrap();
        assert!(!config.contains("fsmonitor"), "{path}");
    }
}

#[test]
fn a_placeholder_names_no_file_of_git_either() {
    for (path, title) in [("{product}/config", ".git"), (".{title}/config", "git")] {
        let repository = writing(path);
        let rule = rule(title).replace("product: windows", "product: .git");
        repository.write("rules/a.yml", rule);
        let before = fs::read(repository.folder().join(".git/config")).unwrap();
        let (_, text) = run(repository.folder(), &["build", "--adopt"]);
        let after = fs::read(repository.folder().join(".git/config")).unwrap();
        assert_eq!(after, before, "{text}");
    }
}

#[test]
fn a_claim_of_the_lock_is_no_permission() {
    // The digest is right, but no output could lie there.
    let repository = writing("generated/{path}.spl");
    let folder = repository.folder();
    for path in ["README.md", "deep/notes.txt"] {
        repository.write(path, "mine\n");
        claim(&repository, path, b"mine\n");
        let (code, text) = run(folder, &["build"]);
        assert_eq!(code, Some(1), "{text}");
        assert!(
            text.contains("VS1019") && text.contains("--prune"),
            "{text}"
        );
        assert!(text.contains("take it out of `varsigma.lock`"), "{text}");
        let (_, text) = run(folder, &["check", "--format", "github"]);
        assert!(text.contains("--prune"), "{text}");
        assert_eq!(fs::read(folder.join(path)).unwrap(), b"mine\n");
    }
    // It is the user's word that removes it, not the lock's.
    let (code, text) = run(folder, &["build", "--prune"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!folder.join("deep/notes.txt").exists() && folder.join("README.md").exists());
    // The digest is wrong, and the lock says that it does not matter: the build is not finished.
    let repository = writing("notes.txt");
    let folder = repository.folder();
    repository.write("notes.txt", "mine\n");
    claim(&repository, "notes.txt", b"other\n");
    let (code, text) = run(folder, &["build"]);
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(fs::read(folder.join("notes.txt")).unwrap(), b"mine\n");
    let repository = writing("generated/{path}.spl");
    let folder = repository.folder();
    repository.write("generated/old.spl", "mine\n");
    claim(&repository, "generated/old.spl", b"other\n");
    let (_, text) = run(folder, &["build", "--prune"]);
    assert!(text.contains("was edited: it stays"), "{text}");
    assert_eq!(
        fs::read(folder.join("generated/old.spl")).unwrap(),
        b"mine\n"
    );
}

#[test]
fn a_lock_of_odd_lines_is_read_in_no_time() {
    let repository = writing("generated/{path}.spl");
    let mut lock = String::from("{\"lock\":1,\"varsigma\":\"0\"}\n");
    for n in 0..100_000 {
        let path = format!("generated/{n}.spl");
        let _ = writeln!(
            lock,
            "{{\"file\":\"{path}\",\"output\":\"x\",\"digest\":\"{n}\"}}"
        );
    }
    for path in [
        ".git/config",
        "../x",
        "/etc/passwd",
        "a\\u001b[2J",
        "",
        "rules/a.yml",
    ] {
        let _ = writeln!(
            lock,
            "{{\"file\":\"{path}\",\"output\":\"x\",\"digest\":\"0\"}}"
        );
    }
    repository.write("varsigma.lock", lock);
    let begin = Instant::now();
    let (code, text) = run(repository.folder(), &["build"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("warning[VS1019]") && !text.contains('\u{1b}'),
        "{text}"
    );
    assert!(
        begin.elapsed() < Duration::from_secs(120),
        "{:?}",
        begin.elapsed()
    );
    let deep = "[".repeat(100_000);
    for lock in [deep.as_str(), "{\"file\":", "{\"lock\":1e999}", "\u{0}"] {
        repository.write("varsigma.lock", lock);
        let (code, _) = run(repository.folder(), &["build"]);
        assert_eq!(code, Some(2));
    }
}

/// A project whose links lead to a token outside of it.
fn linked() -> Repository {
    let repository = Repository::new();
    let token = repository.beside("token");
    fs::write(&token, format!("{TOKEN}: [\n")).unwrap();
    fs::create_dir(repository.beside("other")).unwrap();
    fs::write(repository.beside("other/x.yml"), format!("{TOKEN}: [\n")).unwrap();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    repository.write(".env", format!("{TOKEN}: [\n"));
    symlink(&token, repository.folder().join("rules/u.yml")).unwrap();
    symlink(
        "/proc/self/environ",
        repository.folder().join("rules/v.yml"),
    )
    .unwrap();
    symlink("../.env", repository.folder().join("rules/w.yml")).unwrap();
    symlink("../../other", repository.folder().join("rules/x")).unwrap();
    symlink("../rules", repository.folder().join("rules/loop")).unwrap();
    repository
}

#[test]
fn no_link_shows_what_lies_outside() {
    let repository = linked();
    let folder = repository.folder();
    repository.commit("all");
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["convert", "-t", "splunk", "rules"],
        vec!["convert", "-t", "splunk", "--json", "rules"],
        vec!["page", "rules"],
        vec!["lint", "rules"],
        vec!["witness", "rules"],
        vec!["test", "rules", "--events", "events"],
        vec!["build"],
        vec!["check"],
        vec!["check", "--format", "sarif"],
        vec!["check", "--format", "json"],
        vec!["diff", "HEAD"],
        vec!["diff", "HEAD", "HEAD"],
    ];
    fs::create_dir(folder.join("events")).unwrap();
    symlink(repository.beside("token"), folder.join("events/e.json")).unwrap();
    for format in ["human", "json", "sarif", "github"] {
        for command in &mut commands {
            let mut command = command.clone();
            command.extend(["--message-format", format, "-v"]);
            let output = varsigma(folder, &command)
                .env("VARSIGMA_TOKEN", TOKEN)
                .output()
                .unwrap();
            let text = both(&output);
            assert!(!text.contains(TOKEN), "{command:?}: {text}");
            let is_diff = command[0] == "diff" || command[0] == "witness";
            assert!(is_diff || text.contains("VS0009"), "{command:?}: {text}");
            assert!(
                is_diff || output.status.code() != Some(0),
                "{command:?}: {text}"
            );
        }
    }
    // The rule that is sound has its query all the same.
    let query = fs::read_to_string(folder.join("generated/splunk/a.spl")).unwrap();
    assert_eq!(query, "A=1\n");
    let (_, text) = run(folder, &["build"]);
    assert!(text.contains("warning[VS0010]: `rules/loop`"), "{text}");
    let (_, text) = run(folder, &["diff", "HEAD"]);
    assert!(text.contains("warning[VS0010]: `rules/loop`"), "{text}");
    // What the user names is read: it is the user's own.
    let (code, _) = run(
        folder,
        &["convert", "-t", "splunk", "rules/a.yml", "rules/w.yml"],
    );
    assert_eq!(code, Some(1));
}

#[test]
fn no_file_of_a_project_leads_outside() {
    let token = |repository: &Repository| {
        let token = repository.beside("token");
        fs::write(&token, format!("{TOKEN} = [\n")).unwrap();
        token
    };
    let hostile: [(&str, Make); 10] = [
        (
            "[output.splunk]\npipelines = [\"p.yml\"]\n",
            |repository, token| {
                symlink(token, repository.folder().join("p.yml")).unwrap();
            },
        ),
        (
            "[output.splunk]\npipelines = [\"ps\"]\n",
            |repository, token| {
                repository.write("ps/x", "");
                symlink(token, repository.folder().join("ps/p.yml")).unwrap();
            },
        ),
        (
            "backends = [\"b\"]\n[output.splunk]\n",
            |repository, token| {
                repository.write("b/x", "");
                symlink(token, repository.folder().join("b/splunk.toml")).unwrap();
            },
        ),
        (
            "backends = [\"b\"]\n[output.splunk]\n",
            |repository, token| {
                repository.write("b/templates/x", "");
                symlink(token, repository.folder().join("b/templates/y")).unwrap();
            },
        ),
        ("backends = [\".git\"]\n[output.splunk]\n", |_, _| {}),
        (
            "rules = [\".git/config\"]\n[output.splunk]\n",
            |repository, _| {
                let path = repository.folder().join(".git/config");
                let text = fs::read_to_string(&path).unwrap();
                fs::write(path, format!("{text}[{TOKEN}]\n\tx = y\n")).unwrap();
            },
        ),
        (
            "[output.splunk]\npipelines = [\".env\"]\n",
            |repository, _| {
                repository.write(".env", format!("{TOKEN}: [\n"));
            },
        ),
        (
            "rules = [\"linked\"]\n[output.splunk]\n",
            |repository, token| {
                let folder = token.parent().unwrap();
                fs::write(folder.join("x.yml"), format!("{TOKEN}: [\n")).unwrap();
                symlink(folder, repository.folder().join("linked")).unwrap();
            },
        ),
        ("", |repository, token| {
            let path = repository.folder().join("varsigma.toml");
            fs::remove_file(&path).unwrap();
            symlink(token, path).unwrap();
        }),
        ("[output.splunk]\n", |repository, token| {
            symlink(token, repository.folder().join("varsigma.lock")).unwrap();
        }),
    ];
    for (config, make) in hostile {
        let repository = Repository::new();
        repository.write("varsigma.toml", config);
        repository.write("rules/a.yml", rule("a"));
        make(&repository, &token(&repository));
        for args in [&["build"][..], &["check"], &["check", "--format", "json"]] {
            let (code, text) = run(repository.folder(), args);
            assert!(!text.contains(TOKEN), "{config}: {text}");
            assert!(matches!(code, Some(1 | 2)), "{config}: {code:?} {text}");
            assert!(text.contains("VS0009"), "{config}: {text}");
        }
        let text = fs::read_to_string(repository.beside("token")).unwrap();
        assert!(text.contains(TOKEN), "it is not written over");
    }
}

#[test]
fn lists_and_folders_of_the_command_line_are_their_own() {
    let repository = Repository::new();
    let token = repository.beside("token");
    fs::write(&token, format!("{TOKEN}\n")).unwrap();
    let folder = repository.folder();
    repository.write("a.yml", rule("a").replace("{A: 1}", "{A|expand: '%x%'}"));
    let list = |path: &str| {
        format!(
            "transformations:\n- type: file_placeholders\n  placeholders: [x]\n  path: {path}\n"
        )
    };
    repository.write(".env", format!("{TOKEN}\n"));
    repository.write("p/p.yml", list("list.txt"));
    symlink(&token, folder.join("p/list.txt")).unwrap();
    repository.write("env.yml", list(".env"));
    repository.write("git.yml", list(".git/config"));
    for pipeline in ["p/p.yml", "p", "env.yml", "git.yml"] {
        let (_, text) = run(
            folder,
            &["convert", "-t", "splunk", "-p", pipeline, "a.yml"],
        );
        assert!(
            !text.contains(TOKEN) && !text.contains("[core]"),
            "{pipeline}: {text}"
        );
    }
    for (option, name) in [("-p", "p.yml"), ("--backend-dir", "splunk.toml")] {
        let link = folder.join(format!("dir{option}/{name}"));
        fs::create_dir(link.parent().unwrap()).unwrap();
        symlink(&token, &link).unwrap();
        let given = format!("dir{option}");
        let (code, text) = run(
            folder,
            &["convert", "-t", "splunk", option, &given, "a.yml"],
        );
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("VS0009") && !text.contains(TOKEN), "{text}");
    }
    repository.write("enrich/x", "");
    symlink(&token, folder.join("enrich/e.yml")).unwrap();
    let (code, text) = run(folder, &["page", "--enrichments", "enrich", "a.yml"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("VS0009") && !text.contains(TOKEN), "{text}");
}

#[test]
fn no_pipe_is_waited_for() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    let pipe = folder.join("rules/x.yml");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    symlink("/dev/zero", folder.join("rules/z.yml")).unwrap();
    for args in [
        &["convert", "-t", "splunk", "rules"][..],
        &["lint", "rules"],
        &["build"],
        &["check"],
        &["init", "-t", "splunk", "rules"],
    ] {
        let mut child = varsigma(folder, args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if begin.elapsed() > Duration::from_secs(60) {
                child.kill().unwrap();
                panic!("{args:?} hangs");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    let (code, text) = run(folder, &["convert", "-t", "splunk", "rules"]);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("A=1") && text.contains("not a regular file"),
        "{text}"
    );
}

#[test]
fn an_output_that_a_build_may_not_write_is_counted() {
    let outside = tempfile::tempdir().unwrap();
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    assert_eq!(run(folder, &["build"]).0, Some(0));
    let (output, victim) = (
        folder.join("generated/splunk/a.spl"),
        outside.path().join("v"),
    );
    fs::remove_file(&output).unwrap();
    fs::write(&victim, TOKEN).unwrap();
    symlink(&victim, &output).unwrap();
    let (code, text) = run(folder, &["build"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("VS0005") && text.contains("1 not written"),
        "{text}"
    );
    assert!(!text.contains(TOKEN), "{text}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), TOKEN);
}

#[test]
fn nothing_is_written_through_a_link() {
    let outside = tempfile::tempdir().unwrap();
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("rules/windows/a.yml", rule("a"));
    fs::create_dir(folder.join("out")).unwrap();
    symlink(outside.path(), folder.join("out/windows")).unwrap();
    symlink("../.git", folder.join("out/Levels")).unwrap();
    let (code, text) = run(folder, &["convert", "-t", "splunk", "-o", "out", "rules"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("VS0005") && text.contains("1 failed"),
        "{text}"
    );
    symlink(outside.path(), folder.join("out/Detection_Rules")).unwrap();
    let (code, text) = run(folder, &["page", "-o", "out", "rules"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("VS0005") && text.contains("not written"),
        "{text}"
    );
    assert!(!folder.join(".git/none.md").exists());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    // A link in a file's place is replaced, and what it leads to stays.
    let victim = outside.path().join("victim");
    fs::write(&victim, "mine\n").unwrap();
    repository.write("rules/b.yml", rule("b"));
    symlink(&victim, folder.join("out/b.spl")).unwrap();
    run(folder, &["convert", "-t", "splunk", "-o", "out", "rules"]);
    assert_eq!(fs::read(&victim).unwrap(), b"mine\n");
    assert_eq!(fs::read(folder.join("out/b.spl")).unwrap(), b"A=1\n");
    // The folder itself is the user's to choose.
    fs::create_dir(outside.path().join("mine")).unwrap();
    symlink(outside.path().join("mine"), folder.join("chosen")).unwrap();
    let (code, text) = run(
        folder,
        &["convert", "-t", "splunk", "-o", "chosen", "rules"],
    );
    assert_eq!(code, Some(0), "{text}");
    // A linked folder of outputs leads into git's own.
    repository.write("varsigma.toml", "[output.splunk]\npath = \"gen/config\"\n");
    symlink(".git", folder.join("gen")).unwrap();
    let before = fs::read(folder.join(".git/config")).unwrap();
    for args in [&["build"][..], &["build", "--adopt"], &["check"]] {
        let (code, text) = run(folder, args);
        assert_eq!(code, Some(1), "{text}");
        assert!(!text.contains("repositoryformatversion"), "{text}");
    }
    assert_eq!(fs::read(folder.join(".git/config")).unwrap(), before);
}

#[test]
fn nothing_that_git_is_set_to_run_runs() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    repository.write(".gitattributes", "* filter=evil diff=evil\n");
    repository.commit("first");
    run(folder, &["build"]);
    repository.commit("second");
    let trace = repository.beside("trace");
    let program = repository.beside("program");
    let script = format!("#!/bin/sh\necho \"$0 $*\" >> {}\ncat\n", trace.display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let program = program.to_str().unwrap();
    let hooks = repository.beside("hooks");
    fs::create_dir(&hooks).unwrap();
    for hook in [
        "post-index-change",
        "reference-transaction",
        "post-checkout",
    ] {
        fs::copy(program, hooks.join(hook)).unwrap();
    }
    for (key, value) in [
        ("core.fsmonitor", program),
        ("core.hooksPath", hooks.to_str().unwrap()),
        ("core.pager", program),
        ("core.sshCommand", program),
        ("core.askPass", program),
        ("core.gitProxy", program),
        ("core.alternateRefsCommand", program),
        ("core.editor", program),
        ("credential.helper", program),
        ("diff.external", program),
        ("diff.evil.textconv", program),
        ("diff.evil.command", program),
        ("filter.evil.clean", program),
        ("filter.evil.smudge", program),
        ("filter.evil.process", program),
        ("filter.evil.required", "true"),
        ("filter.a=b.clean", program),
        ("gpg.program", program),
        ("log.showSignature", "true"),
        ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"),
        ("remote.origin.url", &format!("ext::{program} %S x")),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("remote.origin.uploadpack", program),
        ("extensions.partialClone", "origin"),
        ("core.repositoryformatversion", "1"),
    ] {
        repository.git(&["config", key, value]);
    }
    // A name that is no UTF-8.
    let mut attributes = b"* filter=evil diff=evil\n*.yml filter=".to_vec();
    attributes.extend(b"e\xff\n");
    fs::write(folder.join(".gitattributes"), attributes).unwrap();
    let mut config = fs::read(folder.join(".git/config")).unwrap();
    config.extend(b"[filter \"e\xff\"]\n\trequired = true\n\tclean = ");
    config.extend(program.as_bytes());
    fs::write(folder.join(".git/config"), config).unwrap();
    // A file that has to be looked into, for its time tells nothing, and one that is not there.
    repository.write("rules/a.yml", rule("b"));
    let id = repository.git(&[
        "-c",
        "core.fsmonitor=false",
        "rev-parse",
        "HEAD~1:rules/a.yml",
    ]);
    let id = id.trim();
    let object = folder.join(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    fs::remove_file(object).unwrap();
    let _ = fs::remove_file(&trace);
    for args in [
        &["build"][..],
        &["check"],
        &["diff"],
        &["diff", "HEAD"],
        &["diff", "HEAD~1"],
        &["diff", "HEAD~1", "HEAD"],
        &["diff", "HEAD~1...HEAD"],
        &["diff", "--target-diff", "splunk,sqlite"],
        &["convert", "-t", "splunk", "rules"],
        &["lint", "rules"],
        &["page", "rules"],
    ] {
        let (_, text) = run(folder, args);
        let traces = fs::read_to_string(&trace).unwrap_or_default();
        assert!(traces.is_empty(), "{args:?}: {traces}{text}");
    }
    // The trap works: git itself runs it.
    let _ = Command::new("git")
        .current_dir(folder)
        .args(["status"])
        .output()
        .unwrap();
    assert!(trace.exists());
}

#[test]
fn git_is_passed_on_where_it_refuses() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    repository.commit("first");
    let bin = repository.beside("bin");
    fs::create_dir(&bin).unwrap();
    let git = bin.join("git");
    let script = "#!/bin/sh\necho \"fatal: detected dubious ownership in repository at '/x/y'\" >&2\n\
        echo 'To add an exception for this directory, call:' >&2\n\
        echo '\tgit config --global --add safe.directory /x/y' >&2\nexit 128\n";
    fs::write(&git, script).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let output = varsigma(folder, &["diff"])
        .env("PATH", &bin)
        .output()
        .unwrap();
    let text = both(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in [
        "error[VS1046]",
        "dubious ownership in repository at '/x/y'",
        "git config --global --add safe.directory /x/y",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("is in no git repository"), "{text}");
    // The same of a real one, where the test may give a folder to another user.
    if std::os::unix::fs::chown(folder, Some(4321), None).is_ok() {
        let (code, text) = run(folder, &["diff"]);
        assert_eq!(code, Some(2), "{text}");
        assert!(
            text.contains("VS1046") && text.contains("safe.directory"),
            "{text}"
        );
    }
}

#[test]
fn an_empty_folder_of_rules_removes_nothing() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    for name in ["a", "b", "c"] {
        repository.write(&format!("rules/{name}.yml"), rule(name));
    }
    assert_eq!(run(folder, &["build"]).0, Some(0));
    let kept = repository.beside("rules");
    fs::rename(folder.join("rules"), &kept).unwrap();
    fs::create_dir(folder.join("rules")).unwrap();
    for _ in 0..2 {
        let (code, text) = run(folder, &["build"]);
        assert_eq!(code, Some(1), "{text}");
        assert!(
            text.contains("error[VS1018]") && text.contains("--prune"),
            "{text}"
        );
        assert_eq!(
            fs::read_dir(folder.join("generated/splunk"))
                .unwrap()
                .count(),
            3
        );
    }
    // They come back, and nothing is amiss.
    fs::remove_dir(folder.join("rules")).unwrap();
    fs::rename(&kept, folder.join("rules")).unwrap();
    assert_eq!(run(folder, &["build"]).0, Some(0));
    assert_eq!(run(folder, &["check"]).0, Some(0));
    // A folder of another name is no loss: as many files come as go.
    fs::create_dir(folder.join("rules/deep")).unwrap();
    for name in ["a", "b", "c"] {
        let file = format!("{name}.yml");
        fs::rename(
            folder.join("rules").join(&file),
            folder.join("rules/deep").join(&file),
        )
        .unwrap();
    }
    assert_eq!(run(folder, &["build"]).0, Some(0));
    assert_eq!(
        fs::read_dir(folder.join("generated/splunk"))
            .unwrap()
            .count(),
        1
    );
    fs::remove_dir_all(folder.join("rules/deep")).unwrap();
    let (code, text) = run(folder, &["build", "--prune"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("3 removed") && !folder.join("generated").exists(),
        "{text}"
    );
}

#[test]
fn an_emptied_folder_among_others_removes_nothing() {
    let repository = Repository::new();
    let folder = repository.folder();
    let settings = "rules = [\"rules\", \"sub/rules\"]\n[output.splunk]\n";
    repository.write("varsigma.toml", settings);
    for name in ["a", "b", "c"] {
        repository.write(&format!("rules/{name}.yml"), rule(name));
    }
    repository.write("sub/rules/d.yml", rule("d"));
    assert_eq!(run(folder, &["build"]).0, Some(0));
    fs::remove_file(folder.join("sub/rules/d.yml")).unwrap();
    fs::remove_file(folder.join("rules/c.yml")).unwrap();
    for _ in 0..3 {
        let (code, text) = run(folder, &["build"]);
        assert_eq!(code, Some(1), "{text}");
        assert!(
            text.contains("`sub/rules` has no rules any more") && text.contains("--prune"),
            "{text}"
        );
        assert!(folder.join("generated/splunk/d.spl").exists());
        // What is gone beside it goes as ever.
        assert!(!folder.join("generated/splunk/c.spl").exists());
    }
    let (_, text) = run(folder, &["build", "-n"]);
    assert!(text.contains("keep generated/splunk/d.spl"), "{text}");
    let (code, text) = run(folder, &["build", "--prune"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!folder.join("generated/splunk/d.spl").exists());
    assert_eq!(run(folder, &["check"]).0, Some(0));
}

#[test]
fn a_git_file_leads_to_no_other_repository() {
    let private = Repository::new();
    private.write("varsigma.toml", "[output.splunk]\n");
    private.write("rules/s.yml", rule("SECRET"));
    private.commit("first");
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    repository.commit("first");
    // A worktree and a submodule are led on by such a file, too.
    let tree = repository.beside("tree");
    repository.git(&["worktree", "add", "-q", tree.to_str().unwrap()]);
    assert_eq!(run(&tree, &["diff"]).0, Some(0));
    let modules = folder.join("sub");
    let source = private.folder().to_str().unwrap();
    let add = ["-c", "protocol.file.allow=always", "submodule", "add", "-q"];
    repository.git(&[&add[..], &[source, "sub"]].concat());
    assert_eq!(run(&modules, &["diff"]).0, Some(0));
    fs::rename(folder.join(".git"), repository.beside("old")).unwrap();
    let git = private.folder().join(".git");
    fs::write(
        folder.join(".git"),
        format!("gitdir: {}\n", git.to_str().unwrap()),
    )
    .unwrap();
    for is_link in [false, true] {
        if is_link {
            fs::remove_file(folder.join(".git")).unwrap();
            symlink(&git, folder.join(".git")).unwrap();
        }
        let (code, text) = run(folder, &["diff"]);
        assert_eq!(code, Some(2), "{text}");
        assert!(
            text.contains("VS1041") && text.contains("GIT_DIR="),
            "{text}"
        );
        assert!(!text.contains("SECRET"), "{text}");
    }
    let output = varsigma(folder, &["diff"]).env("GIT_DIR", &git).output();
    assert!(both(&output.unwrap()).contains("SECRET"));
}

#[test]
fn what_can_not_be_written_is_told_once_and_nothing_old_goes() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    for n in 0..20 {
        repository.write(&format!("rules/r{n}.yml"), rule(&format!("r{n}")));
    }
    assert_eq!(run(folder, &["build"]).0, Some(0));
    let long = "y".repeat(20_000);
    for n in 0..19 {
        let rule = rule("r").replace("A: 1", &format!("A: {long}"));
        repository.write(&format!("rules/r{n}.yml"), rule);
    }
    fs::remove_file(folder.join("rules/r19.yml")).unwrap();
    let limited = |args: &str| {
        let program = env!("CARGO_BIN_EXE_varsigma");
        let line = format!("trap '' XFSZ; ulimit -f 16; exec {program} {args}");
        let mut shell = Command::new("sh");
        let output = shell
            .current_dir(folder)
            .args(["-c", &line])
            .output()
            .unwrap();
        (output.status.code(), both(&output))
    };
    let (code, text) = limited("build");
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    assert!(
        text.contains("and 18 other files can't be written"),
        "{text}"
    );
    assert!(text.contains("19 not written"), "{text}");
    assert!(
        folder.join("generated/splunk/r19.spl").exists(),
        "nothing is removed"
    );
    let (code, text) = run(folder, &["build"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!folder.join("generated/splunk/r19.spl").exists());
    let (code, text) = limited("convert -t splunk -o out/ rules");
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    assert!(
        text.contains("19 failed") && text.contains("19 not written"),
        "{text}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full_is_told() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    for args in [
        &["convert", "-t", "splunk", "rules"][..],
        &["convert", "-t", "splunk", "--json", "rules"],
        &["page", "rules"],
        &["check"],
        &["build", "-n"],
        &["list", "targets"],
        &["explain", "VS0001"],
        &["completions", "bash"],
        &["man"],
        &["witness", "rules/a.yml"],
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = varsigma(folder, args).stdout(full).output().unwrap();
        let text = both(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {text}");
        assert!(text.contains("VS0005"), "{args:?}: {text}");
        assert!(!text.contains("panicked"), "{args:?}: {text}");
    }
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = varsigma(folder, &["--help"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    // A program that reads messages must not take a part of them for all.
    for (format, code) in [("human", 0), ("json", 1), ("github", 1), ("sarif", 1)] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let args = ["lint", "--message-format", format, "rules"];
        let output = varsigma(folder, &args).stderr(full).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{format}");
    }
}

#[test]
fn names_that_command_a_terminal_fail_their_own_rules() {
    use std::os::unix::ffi::OsStrExt;
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    for name in [
        "a\u{1b}[2J.yml",
        "b\n::error::x.yml",
        "c\u{202e}.yml",
        "d.yml",
    ] {
        repository.write(&format!("rules/{name}"), rule("r"));
    }
    let odd = std::ffi::OsStr::from_bytes(b"e\xff.yml");
    fs::write(folder.join("rules").join(odd), rule("r")).unwrap();
    fs::create_dir(folder.join("rules/f\u{1b}[2J")).unwrap();
    let checks = [
        "human", "github", "gitlab", "markdown", "junit", "json", "sarif",
    ];
    let mut runs: Vec<Vec<&str>> = vec![
        vec!["build"],
        vec!["build", "--message-format", "github"],
        vec!["build", "-n"],
        vec!["convert", "-t", "splunk", "rules"],
        vec!["convert", "-t", "splunk", "-o", "out/", "rules"],
        vec!["lint", "rules"],
        vec!["witness", "rules"],
        vec!["page", "-o", "pages", "rules"],
    ];
    runs.extend(checks.iter().map(|format| vec!["check", "-f", format]));
    for args in runs {
        let (code, text) = run(folder, &args);
        assert!(matches!(code, Some(0 | 1)), "{args:?}: {code:?} {text}");
        assert!(!text.contains('\u{1b}'), "{args:?}: {text}");
        assert!(!text.contains("\n::error::x"), "{args:?}: {text}");
    }
    assert_eq!(
        fs::read(folder.join("generated/splunk/d.spl")).unwrap(),
        b"A=1\n"
    );
    assert_eq!(fs::read(folder.join("out/d.spl")).unwrap(), b"A=1\n");
}

#[test]
fn two_builds_do_not_meet() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    let held = fs::File::open(folder).unwrap();
    held.lock().unwrap();
    let output = varsigma(folder, &["build"])
        .env("VARSIGMA_WAIT", "0")
        .output()
        .unwrap();
    let text = both(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("error[VS1025]"), "{text}");
    let mut held = Some(held);
    for format in ["human", "json"] {
        let lock = held.take().unwrap_or_else(|| {
            let file = fs::File::open(folder).unwrap();
            file.lock().unwrap();
            fs::remove_dir_all(folder.join("generated")).unwrap();
            file
        });
        let mut waiting = varsigma(folder, &["build", "--message-format", format])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // However long it takes to begin: it reports that it waits while it does.
        let mut lines = BufReader::new(waiting.stderr.take().unwrap()).lines();
        let is_waiting = lines.any(|line| line.unwrap().contains("waiting"));
        assert!(is_waiting && !folder.join("generated").exists());
        drop(lock);
        let rest: Vec<String> = lines.map(Result::unwrap).collect();
        assert!(waiting.wait().unwrap().success(), "{format}: {rest:?}");
        assert!(folder.join("generated").exists(), "{format}: {rest:?}");
    }
    let names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 5, "no file is left: {names:?}");
}

/// A project, and another repository that it must not show: `SECRET` is in all its texts.
fn beside_a_private_one() -> (Repository, Repository) {
    let private = Repository::new();
    private.write("varsigma.toml", "[output.splunk]\n");
    private.write("rules/s.yml", rule("SECRET"));
    private.commit("first");
    let repository = Repository::new();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/a.yml", rule("a"));
    repository.commit("first");
    (private, repository)
}

/// Links a part of the one's `.git` folder to the other's.
fn link(repository: &Repository, private: &Repository, part: &str) {
    let own = repository.folder().join(".git").join(part);
    if own.is_dir() {
        fs::remove_dir_all(&own).unwrap();
    } else if own.exists() {
        fs::remove_file(&own).unwrap();
    }
    symlink(private.folder().join(".git").join(part), own).unwrap();
}

#[test]
fn nothing_in_a_git_folder_leads_to_another_repository() {
    type Attack = fn(&Repository, &Repository);
    let attacks: [(&str, Attack); 9] = [
        ("commondir", |own, private| {
            let to = private.folder().join(".git");
            own.write(".git/commondir", to.to_str().unwrap());
        }),
        ("commondir of a bare one", |own, private| {
            let to = private.folder().join(".git");
            own.write(".git/commondir", to.to_str().unwrap());
            own.write(".git/config", "[core]\n\tbare = true\n");
        }),
        ("objects and refs", |own, private| {
            link(own, private, "objects");
            link(own, private, "refs");
        }),
        ("refs", |own, private| link(own, private, "refs")),
        ("packs", |own, private| {
            private.git(&["gc", "-q"]);
            link(own, private, "objects/pack");
            link(own, private, "packed-refs");
        }),
        ("alternates", |own, private| {
            let to = private.folder().join(".git/objects");
            own.write(".git/objects/info/alternates", to.to_str().unwrap());
            let id = private.git(&["rev-parse", "HEAD"]);
            own.write(".git/refs/heads/main", id.trim());
        }),
        ("quoted alternates", |own, private| {
            let to = private.folder().join(".git/objects");
            own.write(".git/objects/info/alternates", format!("{to:?}"));
        }),
        ("alternates of alternates", |own, private| {
            let to = private.folder().join(".git/objects");
            own.write("fake/info/alternates", to.to_str().unwrap());
            own.write(".git/objects/info/alternates", "../../fake\n");
        }),
        ("settings of a wide worktree", |own, private| {
            let to = private.folder().join(".git");
            own.write(".git/commondir", to.to_str().unwrap());
            own.write(".git/config", "[core]\n\tworktree = /\n");
        }),
    ];
    for (name, attack) in attacks {
        let (private, repository) = beside_a_private_one();
        attack(&repository, &private);
        for args in [&["diff"][..], &["diff", "main~0", "main"]] {
            let (code, text) = run(repository.folder(), args);
            assert_eq!(code, Some(2), "{name}: {text}");
            assert!(text.contains("VS1041"), "{name}: {text}");
            assert!(!text.contains("SECRET"), "{name}: {text}");
        }
    }
}

#[test]
fn a_submodule_leads_to_no_other_repository() {
    let (private, repository) = beside_a_private_one();
    let folder = repository.folder();
    let source = private.folder().to_str().unwrap();
    repository.git(&["submodule", "add", "-q", source, "rules/sub"]);
    repository.commit("with a submodule");
    let (code, text) = run(folder, &["diff", "HEAD~1"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("SECRET"), "{text}");
    let line = format!("gitdir: {source}/.git\n");
    repository.write("rules/sub/.git", line);
    let (code, text) = run(folder, &["diff", "HEAD~1", "HEAD"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("VS1041") && !text.contains("SECRET"),
        "{text}"
    );
}

#[test]
fn what_a_repository_is_made_of_may_be_anywhere_in_it() {
    let (_, repository) = beside_a_private_one();
    let folder = repository.folder();
    let clone = repository.beside("clone");
    let bare = repository.beside("bare.git");
    for (to, args) in [
        (&clone, &["clone", "-q"][..]),
        (&bare, &["clone", "-q", "--bare"]),
    ] {
        repository.git(&[args, &[folder.to_str().unwrap(), to.to_str().unwrap()]].concat());
    }
    assert_eq!(run(&clone, &["diff"]).0, Some(0));
    // Worktrees beside a bare repository in the same folder.
    let tree = repository.beside("tree");
    let bare = bare.to_str().unwrap();
    repository.git(&["-C", bare, "worktree", "add", "-q", tree.to_str().unwrap()]);
    assert_eq!(run(&tree, &["diff"]).0, Some(0));
    // An old style of a branch that is another's name, and alternates inside.
    fs::remove_file(folder.join(".git/HEAD")).unwrap();
    symlink("refs/heads/main", folder.join(".git/HEAD")).unwrap();
    fs::rename(folder.join(".git/objects"), folder.join(".git/others")).unwrap();
    repository.write(".git/objects/info/alternates", "../others\n");
    let (code, text) = run(folder, &["diff"]);
    assert_eq!(code, Some(0), "{text}");
}
