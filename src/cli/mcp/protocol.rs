//! Messages of JSON-RPC, by the Model Context Protocol.
//!
//! In: a line. Out: the answer, or nothing to a notification. Versions with a handshake
//! (`initialize`) and those without (each request says its version, `server/discover`) are served:
//!
//! ```text
//! {"jsonrpc":"2.0","id":1,"method":"ping"}   {"jsonrpc":"2.0","id":1,"result":{}}
//! ```
//!
//! Source: the specification, <https://modelcontextprotocol.io/specification>.

use super::arguments::Session;
use super::tools;
use crate::source::Span;
use crate::transpile::guarded;
use serde_json::{Map, Value, json};

/// Versions that begin with `initialize`, oldest first.
const WITH_HANDSHAKE: &[&str] = &["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// Versions of which each request has its own.
const WITHOUT_HANDSHAKE: &[&str] = &["2026-07-28"];

/// Where a request has its version.
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

/// What the server says of itself to assistants.
const INSTRUCTIONS: &str = "Sigma detection rules: check them with `lint`, convert them with \
    `convert`, make events for them with `witness`, ask what they match with `test`, and compare \
    versions with `diff`. A query that is not exact says why; report that to the user.";

/// JSON-RPC's codes, and one of the protocol's own.
const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const INTERNAL_ERROR: i64 = -32603;
const UNSUPPORTED_VERSION: i64 = -32022;

/// The longest answer, in bytes: that to a batch, too.
const MOST_ANSWER: usize = 4 << 20;

/// The most messages of a batch.
const MOST_MESSAGES: usize = 100;

/// The longest id, in bytes: answers repeat it.
const MOST_ID: usize = 256;

/// What is kept for each message of a batch: there is room to say that its answer is too long.
const KEPT: usize = 2048;

/// What answers.
pub(super) struct Server {
    pub session: Session,
}

/// Why a request has no result.
struct Fault {
    code: i64,
    message: String,
    data: Option<Value>,
}

impl Fault {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }
}

/// The answer to a message that is longer than allowed.
pub(super) fn too_long(most: usize) -> String {
    let message = format!("expected a message of at most {most} bytes, found a longer one");
    let fault = Fault::new(INVALID_REQUEST, message);
    response(&Value::Null, Err(fault)).to_string()
}

impl Server {
    /// The answer to a line; none to notifications, answers and blank lines.
    pub fn answer(&self, line: &[u8]) -> Option<String> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        match serde_json::from_slice(line) {
            Ok(Value::Array(messages)) if !messages.is_empty() => self.batch(&messages),
            Ok(message) => self.message(&message, MOST_ANSWER),
            Err(error) => {
                let fault = Fault::new(PARSE_ERROR, format!("invalid JSON: {error}"));
                Some(response(&Value::Null, Err(fault)).to_string())
            }
        }
    }

    /// The answers to the messages of a batch. Where they are too long together, those that are over
    /// are errors.
    fn batch(&self, messages: &[Value]) -> Option<String> {
        let found = messages.len();
        if found > MOST_MESSAGES {
            let message =
                format!("expected at most {MOST_MESSAGES} messages in a batch, found {found}");
            let fault = Fault::new(INVALID_REQUEST, message);
            return Some(response(&Value::Null, Err(fault)).to_string());
        }
        let mut answers = String::new();
        for (message, left) in messages.iter().zip((0..found).rev()) {
            let room = MOST_ANSWER.saturating_sub(answers.len() + left * KEPT + 2);
            if let Some(answer) = self.message(message, room) {
                answers.push(if answers.is_empty() { '[' } else { ',' });
                answers.push_str(&answer);
            }
        }
        (!answers.is_empty()).then(|| answers + "]")
    }

    /// The answer to a message, of as many bytes as there is room for.
    fn message(&self, message: &Value, room: usize) -> Option<String> {
        let id = message.get("id");
        let is_answer = message.get("result").is_some() || message.get("error").is_some();
        let Some(method) = message.get("method").and_then(Value::as_str) else {
            let fault = Fault::new(INVALID_REQUEST, "expected a request, found no method");
            let id = id.filter(|id| is_id(id)).unwrap_or(&Value::Null);
            return (!is_answer).then(|| response(id, Err(fault)).to_string());
        };
        // Without an id it is a notification, which is never answered.
        let id = id?;
        if !is_id(id) || message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            let message = format!(
                "expected `jsonrpc` to be `2.0` and `id` a number or a text of at most {MOST_ID} bytes"
            );
            let id = if is_id(id) { id } else { &Value::Null };
            return Some(response(id, Err(Fault::new(INVALID_REQUEST, message))).to_string());
        }
        let nothing = Value::Null;
        let params = message.get("params").unwrap_or(&nothing);
        // What is left when others have used it up is too little for any work.
        let result = if room > KEPT {
            guarded(Span::default(), || self.result(method, params))
                .unwrap_or_else(|error| Err(Fault::new(INTERNAL_ERROR, error.message)))
        } else {
            Err(Fault::new(INVALID_REQUEST, too_much(room)))
        };
        let answer = response(id, result).to_string();
        if answer.len() <= room.max(KEPT) {
            return Some(answer);
        }
        let text = too_much(room);
        // What an assistant can correct is for it to read.
        let result = match method {
            "tools/call" => Ok(finished(method, params, refused(&text))),
            _ => Err(Fault::new(INVALID_REQUEST, text)),
        };
        Some(response(id, result).to_string())
    }

    fn result(&self, method: &str, params: &Value) -> Result<Value, Fault> {
        if let Some(version) = version(params)
            && !WITHOUT_HANDSHAKE.iter().any(|known| version == known)
        {
            let mut fault = Fault::new(UNSUPPORTED_VERSION, "unsupported protocol version");
            fault.data = Some(json!({"supported": WITHOUT_HANDSHAKE, "requested": version}));
            return Err(fault);
        }
        let result = match method {
            "initialize" => initialized(params),
            "server/discover" => json!({
                "supportedVersions": WITHOUT_HANDSHAKE,
                "capabilities": {"tools": {}},
                "instructions": INSTRUCTIONS,
            }),
            "ping" => json!({}),
            "tools/list" => json!({"tools": tools::list(&self.session.folders)}),
            "tools/call" => self.called(params)?,
            _ => {
                let message = format!("there is no method `{method}`");
                return Err(Fault::new(METHOD_NOT_FOUND, message));
            }
        };
        Ok(finished(method, params, result))
    }

    fn called(&self, params: &Value) -> Result<Value, Fault> {
        let Some(name) = params.get("name").and_then(Value::as_str) else {
            return Err(Fault::new(
                INVALID_PARAMS,
                "expected the name of a tool, found none",
            ));
        };
        let nothing = Map::new();
        let arguments = match params.get("arguments") {
            None | Some(Value::Null) => &nothing,
            Some(Value::Object(arguments)) => arguments,
            Some(_) => {
                return Err(Fault::new(
                    INVALID_PARAMS,
                    "expected `arguments` to be an object",
                ));
            }
        };
        let Some(called) = tools::call(name, arguments, &self.session) else {
            let message = format!("there is no tool `{name}`");
            return Err(Fault::new(INVALID_PARAMS, message));
        };
        Ok(match called {
            Ok(answer) => json!({
                "content": content(&answer.text),
                "structuredContent": answer.data,
                "isError": false,
            }),
            // What an assistant can correct is for it to read.
            Err(message) => refused(&message),
        })
    }
}

fn content(text: &str) -> Value {
    json!([{"type": "text", "text": text}])
}

/// The result of a call that fails.
fn refused(message: &str) -> Value {
    json!({"content": content(message), "isError": true})
}

fn too_much(room: usize) -> String {
    format!("expected an answer of at most {room} bytes, found a longer one: ask for less at once")
}

/// The version that a request names.
fn version(params: &Value) -> Option<&Value> {
    params.get("_meta")?.get(VERSION_KEY)
}

/// A result with what its version asks for. Older peers accept no further keys in an empty one.
fn finished(method: &str, params: &Value, mut result: Value) -> Value {
    if version(params).is_some() {
        result["resultType"] = "complete".into();
        if matches!(method, "server/discover" | "tools/list") {
            result["ttlMs"] = 0.into();
            result["cacheScope"] = "private".into();
        }
        result["_meta"] = json!({"io.modelcontextprotocol/serverInfo": server()});
    }
    result
}

fn is_id(id: &Value) -> bool {
    id.is_number() || id.as_str().is_some_and(|id| id.len() <= MOST_ID)
}

fn server() -> Value {
    json!({"name": "varsigma", "title": "varsigma", "version": env!("CARGO_PKG_VERSION")})
}

/// The version that the client asks for, or the newest.
fn initialized(params: &Value) -> Value {
    let asked = params.get("protocolVersion").and_then(Value::as_str);
    let known = WITH_HANDSHAKE.iter().find(|known| asked == Some(**known));
    json!({
        "protocolVersion": known.or(WITH_HANDSHAKE.last()),
        "capabilities": {"tools": {}},
        "serverInfo": server(),
        "instructions": INSTRUCTIONS,
    })
}

fn response(id: &Value, result: Result<Value, Fault>) -> Value {
    match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Fault {
            code,
            message,
            data,
        }) => {
            let mut error = json!({"code": code, "message": message});
            if let Some(data) = data {
                error["data"] = data;
            }
            json!({"jsonrpc": "2.0", "id": id, "error": error})
        }
    }
}
