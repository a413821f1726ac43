//! Why a request to S3 failed, in swamp's words.

use std::time::Duration;

use super::http::{NoAnswer, Response};
use crate::problem::{Kind, Problem};

/// What messages name besides the request.
pub struct Errors {
    /// How long was waited for an answer.
    pub timeout: Duration,
    /// The profile that credentials are of.
    pub profile: Option<String>,
    /// `host:port`.
    pub authority: String,
}

impl Errors {
    /// Nobody has said who asks.
    pub fn without_credentials(&self, operation: &str) -> Problem {
        let code = "CredentialsProviderError";
        let hint = hint(code, None, self.profile.as_deref()).unwrap_or_default();
        Problem {
            name: code.to_owned(),
            code: Some(code.to_owned()),
            message: format!(
                "{hint} S3 {operation} failed {code} — Could not load credentials from any providers"
            ),
            ..Problem::of("")
        }
    }

    /// There was no answer.
    pub fn silence(&self, operation: &str, reason: &NoAnswer) -> Problem {
        let (name, said) = match reason {
            NoAnswer::Late => (
                "TimeoutError",
                format!(
                    "timed out after {}ms TimeoutError",
                    self.timeout.as_millis()
                ),
            ),
            NoAnswer::Refused => (
                "Error",
                format!("— connect ECONNREFUSED {}", self.authority),
            ),
            NoAnswer::Broken(why) => ("Error", format!("— {why}")),
        };
        Problem {
            kind: Kind::Other,
            status: None,
            name: name.to_owned(),
            code: None,
            message: format!("S3 {operation} failed {said}"),
            details: None,
        }
    }

    /// The answer was a refusal.
    pub fn refusal(&self, operation: &str, response: &Response) -> Problem {
        let body = String::from_utf8_lossy(&response.body);
        let status = response.status;
        let code = between(&body, "<Code>", "</Code>").unwrap_or_else(|| match status {
            404 => "NotFound".to_owned(),
            _ => "Unknown".to_owned(),
        });
        let kind = match (status, code.as_str()) {
            (_, "NotFound" | "NoSuchKey") => Kind::Missing,
            (_, "PreconditionFailed" | "ConditionalCheckFailed") => Kind::Precondition,
            _ => Kind::Other,
        };
        let mut parts: Vec<String> = Vec::new();
        let hint = hint(&code, Some(status), self.profile.as_deref());
        let known = hint.is_some();
        parts.extend(hint);
        parts.push(format!("S3 {operation} failed HTTP {status}"));
        if code != "Unknown" {
            parts.push(code.clone());
        }
        let said = between(&body, "<Message>", "</Message>");
        if let Some(said) = said.filter(|said| !said.is_empty() && said != "UnknownError") {
            parts.push(format!("— {said}"));
        }
        if matches!(status, 401 | 403) && !known {
            parts.push(
                "(check AWS credentials — profile, env vars, or credential provider — and endpoint configuration)"
                    .to_owned(),
            );
        }
        let ids = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"];
        if let Some(id) = ids.iter().find_map(|name| response.header(name)) {
            parts.push(format!("[requestId={id}]"));
        }
        let preview = response.preview();
        if !preview.is_empty() {
            parts.push(format!(
                "bodyPreview={}",
                serde_json::Value::String(preview)
            ));
        }
        Problem {
            kind,
            status: Some(status),
            name: code.clone(),
            code: Some(code),
            message: parts.join(" "),
            details: None,
        }
    }
}

/// The advice that swamp gives where the credentials are the trouble.
fn hint(code: &str, status: Option<u16>, profile: Option<&str>) -> Option<String> {
    let rejected = matches!(code, "InvalidAccessKeyId" | "SignatureDoesNotMatch")
        || (status == Some(403) && code == "AccessDenied");
    if matches!(code, "CredentialsProviderError" | "ExpiredTokenException") {
        let login = match profile {
            Some(profile) => format!("aws sso login --profile \"{profile}\""),
            None => "aws sso login".to_owned(),
        };
        return Some(format!(
            "Datastore session expired: your AWS profile's SSO session is no longer valid. Run '{login}' to refresh, then retry."
        ));
    }
    rejected.then(|| {
        let who = profile.map_or("your AWS profile".to_owned(), |name| format!("'{name}'"));
        format!(
            "Datastore credentials rejected by AWS: verify {who}, environment variables, or credential provider, then retry."
        )
    })
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let (_, behind) = text.split_once(start)?;
    behind.split_once(end).map(|(inner, _)| inner.to_owned())
}
