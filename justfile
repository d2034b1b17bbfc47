# The daily commands. `just` alone lists them.

export RUSTDOCFLAGS := "-Dwarnings"

_default:
    @just --list --unsorted

# All tests.
test *ARGS:
    cargo test {{ARGS}}

# What a change has to pass, within five minutes: format, clippy, tests, documentation, spelling.
check:
    cargo fmt --all --check
    cargo clippy --all-targets -- -D warnings
    cargo test --quiet
    cargo doc --no-deps --quiet
    if command -v typos >/dev/null; then typos; else echo "NOT RUN: typos (pip install typos)"; fi

# The library's documentation: a guide.
docs:
    cargo doc --no-deps --open

# Reads changed snapshots one by one (cargo install cargo-insta). Never edit one by hand.
review:
    cargo insta test --review

# One rule through the stages, and a folder of rules beside its floor.
bench *ARGS:
    cargo bench {{ARGS}}

# Peak memory and time of the release build over a folder of rules.
peak RULES:
    benches/peak.sh {{RULES}}

# 100,000 mutated rules: no panic, no hang, every error coded.
mutate N="100000":
    VARSIGMA_MUTATIONS={{N}} cargo test --release --test mutation -- --nocapture

# A coverage-guided fuzz target: yaml, condition or convert (cargo install cargo-fuzz; nightly).
fuzz TARGET="convert":
    cargo +nightly fuzz run --fuzz-dir fuzz {{TARGET}}

# Agreement with the references, where the shared corpus lies beside the repository.
parity *ARGS:
    cargo build --release
    ../shared/bin/parity {{ARGS}}

# Everything that has to pass before a merge, within 25 minutes on two cores.
ci:
    .ci/run

# The same with all engines on the whole corpus, cargo-deny and other systems.
nightly:
    .ci/run --nightly
