//! HTTP for `http_placeholders`, where the user allows it.

use crate::pipeline::environment::{Body, Request};
use std::fmt::Write as _;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Request as HttpRequest;

/// The body of a successful answer.
pub fn fetch(request: &Request) -> Result<String, String> {
    let config = Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(request.timeout)))
        .allow_non_standard_methods(true)
        .build();
    let agent: Agent = config.into();
    let mut url = request.url.clone();
    if !request.params.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&form(&request.params));
    }
    let mut builder = HttpRequest::builder()
        .method(request.method.to_uppercase().as_str())
        .uri(url);
    let (kind, body) = match &request.body {
        Body::Empty => (None, String::new()),
        Body::Form(pairs) => (Some("application/x-www-form-urlencoded"), form(pairs)),
        Body::Json(value) => (Some("application/json"), value.to_string()),
    };
    if let Some(kind) = kind {
        builder = builder.header("content-type", kind);
    }
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let sent = if kind.is_some() {
        builder
            .body(body)
            .map_err(|error| error.to_string())
            .and_then(|request| agent.run(request).map_err(|error| error.to_string()))
    } else {
        builder
            .body(())
            .map_err(|error| error.to_string())
            .and_then(|request| agent.run(request).map_err(|error| error.to_string()))
    };
    sent?
        .body_mut()
        .with_config()
        .limit(request.limit)
        .read_to_string()
        .map_err(|error| error.to_string())
}

/// `a=1&b=x%20y`
fn form(pairs: &[(String, String)]) -> String {
    let encoded: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    encoded.join("&")
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            byte => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn an_answer_is_fetched_within_its_limit() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let server = std::thread::spawn(move || {
            let mut seen = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().expect("a request");
                let mut buffer = [0; 1024];
                let length = stream.read(&mut buffer).expect("a head");
                seen.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
                let answer =
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\na\nb\n";
                stream.write_all(answer.as_bytes()).expect("it listens");
            }
            seen
        });
        let mut request = Request {
            url: format!("http://{address}/values"),
            method: "get".into(),
            timeout: 5,
            headers: vec![("x-key".into(), "k".into())],
            params: vec![("q".into(), "a b".into())],
            body: Body::Empty,
            limit: 100,
        };
        assert_eq!(fetch(&request).as_deref(), Ok("a\nb\n"));
        request.limit = 1;
        assert!(fetch(&request).is_err());
        let seen = server.join().expect("it ends");
        assert!(seen[0].starts_with("GET /values?q=a%20b HTTP/1.1\r\n"));
        assert!(seen[0].to_lowercase().contains("x-key: k"));
    }
}
