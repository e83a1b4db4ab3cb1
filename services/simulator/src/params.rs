//! The parameters of a Bot API call, from wherever the client put them: query, form, JSON or multipart.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart},
    http::{HeaderMap, Request, header},
};
use serde_json::{Map, Value, json};

/// Body of a call. Texts are 4096 characters; the rest is room for a hundred buttons.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Parameters of a call.
const MAX_PARAMETERS: usize = 100;

#[derive(Debug, Default)]
pub(crate) struct Params(Map<String, Value>);

impl Params {
    /// Reads the query and a body of any of the accepted kinds. The error is the description of a refusal.
    pub async fn read(
        query: Option<&str>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Self, &'static str> {
        let mut fields = Map::new();
        read_form(query.unwrap_or_default().as_bytes(), &mut fields);
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
                Ok(Value::Object(object)) => fields.extend(object),
                Ok(_) => return Err("Bad Request: object expected in the request body"),
                Err(_) => return Err("Bad Request: can't parse the request body as JSON"),
            },
            "multipart/form-data" => read_multipart(content_type, body, &mut fields)
                .await
                .map_err(|_| "Bad Request: can't parse the multipart request body")?,
            // The real server ignores bodies of other kinds as well.
            "application/x-www-form-urlencoded" => read_form(&body, &mut fields),
            _ => {}
        }
        if fields.len() > MAX_PARAMETERS {
            return Err("Bad Request: too many parameters");
        }
        Ok(Self(fields))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// A parameter as text; numbers and truth values as they are written.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
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
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// All of them, for the log, with the nested objects opened and secrets left out.
    pub fn to_log(&self) -> Value {
        let opened = self.0.iter().map(|(name, value)| {
            let value = match value {
                _ if name == "secret_token" => json!("…"),
                Value::String(text) if text.starts_with(['{', '[']) => {
                    serde_json::from_str(text).unwrap_or_else(|_| value.clone())
                }
                value => value.clone(),
            };
            (name.clone(), value)
        });
        Value::Object(opened.collect())
    }
}

fn read_form(bytes: &[u8], fields: &mut Map<String, Value>) {
    for (name, value) in url::form_urlencoded::parse(bytes) {
        fields.insert(name.into_owned(), Value::String(value.into_owned()));
    }
}

async fn read_multipart(
    content_type: &str,
    body: Bytes,
    fields: &mut Map<String, Value>,
) -> Result<(), ()> {
    let request = Request::post("/")
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body))
        .map_err(drop)?;
    let mut parts = Multipart::from_request(request, &()).await.map_err(drop)?;
    while let Some(part) = parts.next_field().await.map_err(drop)? {
        let name = part.name().unwrap_or_default().to_owned();
        let text = part.text().await.map_err(drop)?;
        fields.insert(name, Value::String(text));
    }
    Ok(())
}
