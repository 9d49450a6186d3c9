//! What a caller gets: what the real server sends, or what the function meant.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};

use super::job::Ran;
use crate::local::answer::{Reply, error, json};
use crate::local::gojson::{self, Value};
use crate::local::sniff::content_type;

/// How a function's result is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Replies {
    /// As the real server does today: 200 and a JSON string that holds the result.
    #[default]
    Raw,
    /// With the function's own status, headers and body.
    Unwrapped,
}

/// The reply to a call, and what the log says about it.
pub(super) struct Answer {
    pub(super) reply: Reply,
    /// The status that the function meant, or the one of the error.
    pub(super) status: u16,
    pub(super) printed: String,
    pub(super) error: Option<String>,
}

impl Answer {
    pub(super) fn error(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { reply: error(status, &message), status: status.as_u16(), printed: String::new(), error: Some(message) }
    }

    /// What a container answered.
    pub(super) fn passed_on(reply: Reply) -> Self {
        Self { status: reply.status().as_u16(), reply, printed: String::new(), error: None }
    }

    /// The answer for a function that ran.
    pub(super) fn of(ran: Ran, replies: Replies) -> Self {
        let Ran { printed, result } = ran;
        let result = match result {
            Ok(result) => result,
            Err(message) => return Self { printed, ..Self::error(StatusCode::INTERNAL_SERVER_ERROR, message) },
        };
        let whole = format!("{printed}{result}");
        let size = super::input::result_size(&whole);
        if size > super::MESSAGE {
            let message = format!(
                "the result takes {size} bytes on its way from a worker to the orchestrator, whose limit is {}: the real one would hang up",
                super::MESSAGE
            );
            return Self { printed, ..Self::error(StatusCode::INTERNAL_SERVER_ERROR, message) };
        }
        let meant = Meant::read(&result);
        let status = meant.as_ref().map_or(StatusCode::OK.as_u16(), |meant| meant.status);
        let reply = match replies {
            Replies::Raw => Ok(json(StatusCode::OK, gojson::string(&whole))),
            Replies::Unwrapped => meant.map_or_else(|| Ok(plain(result)), Meant::reply),
        };
        match reply {
            Ok(reply) => Self { reply, status, printed, error: None },
            Err(message) => Self { printed, ..Self::error(StatusCode::INTERNAL_SERVER_ERROR, message) },
        }
    }
}

/// `{status, headers, body}` as functions return it.
struct Meant {
    status: u16,
    headers: Vec<(String, Value)>,
    body: Value,
}

impl Meant {
    fn read(result: &str) -> Option<Self> {
        let Value::Object(mut fields) = gojson::parse(result.as_bytes())? else { return None };
        let mut take = |name: &str| {
            let at = fields.iter().rposition(|(key, _)| key == name)?;
            Some(fields.swap_remove(at).1)
        };
        let status = match take("status") {
            Some(Value::Number(literal)) => literal.parse::<f64>().ok().filter(|status| (0.0..65_536.0).contains(status))?,
            _ => 200.0,
        };
        let headers = if let Some(Value::Object(headers)) = take("headers") { headers } else { Vec::new() };
        let body = take("body").unwrap_or(Value::Null);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
        Some(Self { status: status as u16, headers, body })
    }

    fn reply(self) -> Result<Reply, String> {
        let status = StatusCode::from_u16(self.status).map_err(|_| format!("the function's status {} is none of HTTP's", self.status))?;
        let mut reply = match self.body {
            Value::Null => plain(String::new()),
            Value::String(text) => plain(text),
            other => {
                let mut text = Vec::new();
                other.write(&mut text).ok_or("the function's body is no JSON")?;
                json(StatusCode::OK, text)
            }
        };
        *reply.status_mut() = status;
        for (name, value) in self.headers {
            let Value::String(value) = value else { continue };
            let known = HeaderName::try_from(&name).map_err(|_| format!("the function's header {name:?} has no valid name"))?;
            let value = HeaderValue::try_from(value).map_err(|_| format!("the value of the function's header {name:?} is not valid"))?;
            reply.headers_mut().insert(known, value);
        }
        Ok(reply)
    }
}

/// A text of the type that it looks like, as Go's server types what a handler did not.
fn plain(text: String) -> Reply {
    let content_type = HeaderValue::from_static(content_type(b"", text.as_bytes()));
    let mut reply = Reply::new(text.into());
    reply.headers_mut().insert(CONTENT_TYPE, content_type);
    reply
}
