//! A plain HTTP client for observers: one request, one answer, without retries, so that what an
//! observer sees is what the backend said.

use std::sync::LazyLock;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::RUNTIME;

/// How long an answer to an observer may take. Emulators answer within milliseconds; this is a
/// bound on hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// No connection is used twice: one that the other side closes at the same moment would fail a
/// request that nothing is wrong with.
pub(crate) static CLIENT: LazyLock<Client<HttpConnector, Full<Bytes>>> = LazyLock::new(|| {
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http()
});

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request and waits for the whole answer, whatever its status.
///
/// # Errors
/// The URL cannot be read, nobody answers, or not in time: a sentence that names the URL.
pub fn request(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Answer, String> {
    request_within(LIMIT, method, url, headers, body)
}

/// As [`request`], with that much time for the whole answer.
///
/// # Errors
/// As [`request`].
pub fn request_within(
    limit: Duration,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Answer, String> {
    let mut request = hyper::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(Bytes::copy_from_slice(body)))
        .map_err(|e| format!("{method} {url}: {e}"))?;
    let said = RUNTIME.block_on(async {
        tokio::time::timeout(limit, async {
            let answer = CLIENT.request(request).await.map_err(told)?;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.map_err(|e| told(&e))?;
            Ok::<_, String>(Answer {
                status,
                body: body.to_bytes().to_vec(),
            })
        })
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs())))
    });
    said.map_err(|why| format!("{method} {url}: {why}"))
}

/// An error with its causes: the outermost alone says only that something failed.
fn told(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

/// `text` for use as one segment of a URL's path, or as a value of its query.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_port_is_an_error_with_its_cause() {
        let port = crate::machine::net::free_port().unwrap();
        let error = request("GET", &format!("http://127.0.0.1:{port}/"), &[], b"").unwrap_err();
        assert!(error.contains("refused"), "{error}");
    }

    #[test]
    fn a_server_that_accepts_and_stays_mute_is_given_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let began = std::time::Instant::now();
        let limit = Duration::from_millis(200);
        let error = request_within(limit, "GET", &url, &[], b"").unwrap_err();
        assert!(error.contains("no answer within"), "{error}");
        assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
    }

    #[test]
    fn names_are_escaped_for_urls() {
        assert_eq!(escaped("a/b c@é-._~"), "a%2Fb%20c%40%C3%A9-._~");
    }
}
