//! Requests over HTTP, with whatever status they end.

use std::io;
use std::time::Duration;

use ureq::http::{HeaderMap, Method, Request};
use ureq::{Agent, Error};

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// It took too long.
    Late,
    /// Nobody listens there.
    Refused,
    /// Anything else, in words.
    Broken(String),
}

/// Makes requests, over connections that it keeps.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
}

impl Client {
    /// A client that waits so long for an answer: for the connection, while it sends, for the first
    /// byte, and for the rest.
    pub fn new(timeout: Duration) -> Self {
        const BUFFER: usize = 16 << 10;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            // A limit for all of it together would look every name up in a thread of its own.
            .timeout_connect(Some(timeout))
            .timeout_send_request(Some(timeout))
            .timeout_send_body(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_recv_body(Some(timeout))
            // Most bodies are small, and buffers are filled with zeros first.
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER);
        Self {
            agent: config.build().into(),
        }
    }

    /// Makes a request. One that found its kept connection closed is made once more.
    pub fn send(
        &self,
        method: &Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Response, NoAnswer> {
        match self.try_once(method, url, headers, body) {
            Err(Error::Io(error)) if was_dropped(&error) => {
                self.try_once(method, url, headers, body)
            }
            answer => answer,
        }
        .map_err(|error| no_answer(&error))
    }

    fn try_once(
        &self,
        method: &Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Response, Error> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(bytes) => self.agent.run(request.body(bytes)?)?,
            None => self.agent.run(request.body(())?)?,
        };
        let bytes = response.body_mut().with_config().limit(u64::MAX);
        Ok(Response {
            body: bytes.read_to_vec()?,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
        })
    }
}

impl Response {
    /// The text of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the request was granted.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first bytes of the body, as they are shown in messages.
    pub fn preview(&self) -> String {
        const MOST: usize = 256;
        let shown = &self.body[..self.body.len().min(MOST)];
        let text = String::from_utf8_lossy(shown);
        if self.body.len() > MOST {
            format!("{text}…({}+ more bytes)", self.body.len() - MOST)
        } else {
            text.into_owned()
        }
    }
}

fn was_dropped(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

fn no_answer(error: &Error) -> NoAnswer {
    match error {
        Error::Timeout(_) => NoAnswer::Late,
        Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => NoAnswer::Refused,
        Error::ConnectionFailed => NoAnswer::Refused,
        other => NoAnswer::Broken(other.to_string()),
    }
}
