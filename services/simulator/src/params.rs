//! The parameters and files of a Bot API call, from wherever the client put them: query, form, JSON or multipart.

use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart},
    http::{HeaderMap, Request, header},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Parameters of a call.
const MAX_PARAMETERS: usize = 100;

#[derive(Debug, Default)]
pub(crate) struct Params {
    fields: Map<String, Value>,
    files: BTreeMap<String, Upload>,
}

/// A file that came with a call: a part of a multipart body that has a file name.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub file_name: String,
    pub mime_type: Option<String>,
    pub content: Bytes,
}

impl Params {
    /// Reads the query and a body of any of the accepted kinds. The error is the description of a refusal.
    pub async fn read(
        query: Option<&str>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Self, &'static str> {
        let mut params = Self::default();
        read_form(query.unwrap_or_default().as_bytes(), &mut params.fields);
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media_type = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match media_type.as_str() {
            "application/json" if !body.is_empty() => match serde_json::from_slice(&body) {
                Ok(Value::Object(object)) => params.fields.extend(object),
                Ok(_) => return Err("Bad Request: object expected in the request body"),
                Err(_) => return Err("Bad Request: can't parse the request body as JSON"),
            },
            "multipart/form-data" => read_multipart(content_type, body, &mut params)
                .await
                .map_err(|_| "Bad Request: can't parse the multipart request body")?,
            // The real server ignores bodies of other kinds as well.
            "application/x-www-form-urlencoded" => read_form(&body, &mut params.fields),
            _ => {}
        }
        if params.fields.len() + params.files.len() > MAX_PARAMETERS {
            return Err("Bad Request: too many parameters");
        }
        Ok(params)
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| !value.is_null())
    }

    /// A parameter as text; numbers and truth values as they are written.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    pub fn truth(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|text| ["true", "yes", "1"].contains(&text.to_ascii_lowercase().as_str()))
    }

    /// A nested object, given as one or as JSON in a text. `Err` when the text is no JSON.
    pub fn nested(&self, name: &str) -> Result<Option<Value>, serde_json::Error> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.get(name)
    }

    /// All of them, for the log, with the nested objects opened, and without secrets and what is in files.
    pub fn to_log(&self) -> Value {
        let opened = self.fields.iter().map(|(name, value)| {
            let value = match value {
                _ if name == "secret_token" => json!("…"),
                Value::String(text) if text.starts_with(['{', '[']) => {
                    serde_json::from_str(text).unwrap_or_else(|_| value.clone())
                }
                value => value.clone(),
            };
            (name.clone(), value)
        });
        let files = self.files.iter().map(|(name, file)| {
            let shown = json!({ "file_name": file.file_name, "file_size": file.content.len() });
            (name.clone(), shown)
        });
        Value::Object(opened.chain(files).collect())
    }
}

fn read_form(bytes: &[u8], fields: &mut Map<String, Value>) {
    for (name, value) in url::form_urlencoded::parse(bytes) {
        fields.insert(name.into_owned(), Value::String(value.into_owned()));
    }
}

async fn read_multipart(content_type: &str, body: Bytes, params: &mut Params) -> Result<(), ()> {
    let mut request = Request::post("/")
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body))
        .map_err(drop)?;
    // The whole body is here already, and was counted when it was read.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(drop)?;
    while let Some(part) = parts.next_field().await.map_err(drop)? {
        let name = part.name().unwrap_or_default().to_owned();
        if let Some(file_name) = part.file_name().map(str::to_owned) {
            let upload = Upload {
                file_name,
                mime_type: part.content_type().map(str::to_owned),
                content: part.bytes().await.map_err(drop)?,
            };
            params.files.insert(name, upload);
        } else {
            let text = part.text().await.map_err(drop)?;
            params.fields.insert(name, Value::String(text));
        }
    }
    Ok(())
}
