//! JSON-RPC 2.0: what a client sends, and how it is answered.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

/// What a client may send in one request.
pub(super) enum Message {
    /// Wants an answer.
    Request(Request),
    /// Wants none.
    Notification,
    /// Answers something that we asked.
    Answer {
        /// What it was called by.
        id: String,
        /// The answer; null where there is an error in its place.
        result: Value,
    },
}

/// A call of a method.
pub(super) struct Request {
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Map<String, Value>,
}

/// Why a call has no result.
#[derive(Debug)]
pub(super) struct Failure {
    code: Code,
    message: String,
    data: Option<Value>,
}

/// The codes of JSON-RPC and of MCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Parse = -32_700,
    Invalid = -32_600,
    UnknownSession = -32_001,
    UnknownMethod = -32_601,
    InvalidParams = -32_602,
    HeaderMismatch = -32_020,
    MissingCapability = -32_021,
    UnsupportedVersion = -32_022,
}

impl Failure {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    pub(super) fn with(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// The answer to a call, with the status that goes with the code.
    pub(super) fn told(self, id: &Value) -> HttpResponse {
        let status = match self.code {
            Code::UnknownMethod | Code::UnknownSession => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        self.answer(status, id)
    }

    /// The answer to a call, with this status.
    pub(super) fn answer(self, status: StatusCode, id: &Value) -> HttpResponse {
        let mut error = json!({ "code": self.code as i32, "message": self.message });
        if let Some(data) = self.data {
            error["data"] = data;
        }
        HttpResponse::build(status).json(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
    }
}

impl Message {
    /// Reads the body of a request.
    pub(super) fn read(body: &[u8]) -> Result<Self, Failure> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| Failure::new(Code::Parse, format!("This is not JSON: {error}.")))?;
        let invalid = |why| Failure::new(Code::Invalid, why);
        let Value::Object(mut message) = value else {
            return Err(invalid("A message is one JSON object. Batches are of the past."));
        };
        if message.get("jsonrpc") != Some(&json!("2.0")) {
            return Err(invalid("A message says jsonrpc 2.0."));
        }
        let Some(Value::String(method)) = message.remove("method") else {
            let result = message.remove("result");
            if result.is_none() && !message.contains_key("error") {
                return Err(invalid("A message names its method."));
            }
            return Ok(match message.remove("id") {
                Some(Value::String(id)) => Self::Answer {
                    id,
                    result: result.unwrap_or_default(),
                },
                // We have asked nothing under such a name.
                _ => Self::Notification,
            });
        };
        let params = match message.remove("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return Err(invalid("The params are an object.")),
        };
        match message.remove("id") {
            None => Ok(Self::Notification),
            Some(id @ (Value::String(_) | Value::Number(_))) => {
                Ok(Self::Request(Request { id, method, params }))
            }
            Some(_) => Err(invalid("An id is a string or a number.")),
        }
    }
}

/// The answer to a call that has a result.
pub(super) fn result(id: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}
