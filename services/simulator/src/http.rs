//! The bot's side: `/bot<token>/<Method>`. Token, parameters, faults, the method itself, the log, the answer.

use crate::{
    app::App,
    calls::Call,
    faults::FaultKind,
    methods::{Answer, Method, Refusal},
    params::Params,
    server::KillSwitch,
    settings::seconds,
};
use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{Method as HttpMethod, StatusCode, header},
    response::Response,
};
use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};
use std::{sync::Arc, time::Instant};

const BAD_GATEWAY_PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad \
                                Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

pub(crate) async fn bot_api(
    State(app): State<Arc<App>>,
    ConnectInfo(connection): ConnectInfo<KillSwitch>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some((token, name)) = split_path(parts.uri.path()) else {
        return refuse(&not_found());
    };
    if !app.is_token(&token) {
        return refuse(&Refusal::new(401, "Unauthorized"));
    }
    let Some(method) = Method::from_name(&name) else {
        return refuse(&not_found());
    };
    if ![HttpMethod::GET, HttpMethod::POST].contains(&parts.method) {
        return refuse(&Refusal::new(
            405,
            "Method Not Allowed: only GET and POST are supported",
        ));
    }
    let Ok(body) = to_bytes(body, method.max_body_bytes()).await else {
        return refuse(&Refusal::new(413, "Request Entity Too Large"));
    };
    let params = match Params::read(parts.uri.query(), &parts.headers, body).await {
        Ok(params) => params,
        Err(why) => return refuse(&Refusal::bad_request(why)),
    };
    let arrival = Arrival {
        method,
        chat_id: params.integer("chat_id"),
        time: Utc::now(),
        started: Instant::now(),
    };
    let fault = app.lock().faults.for_call(method.name(), arrival.chat_id);
    let fault_name = fault.as_ref().map(FaultKind::name);
    let (outcome, lost) = perform(&app, method, &params, fault).await;

    let status = if lost {
        0
    } else {
        outcome.as_ref().map_or_else(Failure::code, |_| 200)
    };
    let description = outcome.as_ref().err().map(Failure::description);
    arrival.log(&app, &params, status, description, fault_name);
    if lost {
        connection.kill();
    }
    match outcome {
        Ok(answer) => respond(answer),
        Err(Failure::Refusal(refusal)) => refuse(&refusal),
        Err(Failure::BadGateway) => answer(502, "text/html", BAD_GATEWAY_PAGE.to_owned()),
    }
}

/// Token and method of a path; the token's colon may be percent-encoded.
fn split_path(path: &str) -> Option<(String, String)> {
    let (token, method) = path.strip_prefix("/bot")?.split_once('/')?;
    let token = token.replace("%3A", ":").replace("%3a", ":");
    Some((token, method.trim_end_matches('/').to_owned()))
}

enum Failure {
    Refusal(Refusal),
    BadGateway,
}

impl Failure {
    fn code(&self) -> u16 {
        match self {
            Self::Refusal(refusal) => refusal.code,
            Self::BadGateway => 502,
        }
    }

    fn description(&self) -> String {
        match self {
            Self::Refusal(refusal) => refusal.description.clone(),
            Self::BadGateway => "Bad Gateway".to_owned(),
        }
    }
}

/// Calls the method, with a fault in the way if there is one. Also says whether the answer gets lost.
async fn perform(
    app: &App,
    method: Method,
    params: &Params,
    fault: Option<FaultKind>,
) -> (Result<Answer, Failure>, bool) {
    let call = async || method.call(app, params).await.map_err(Failure::Refusal);
    match fault {
        None | Some(FaultKind::DuplicateDelivery) => (call().await, false),
        Some(FaultKind::TooManyRequests { retry_after }) => (
            Err(Failure::Refusal(Refusal::too_many_requests(retry_after))),
            false,
        ),
        Some(FaultKind::InternalError) => (
            Err(Failure::Refusal(Refusal::new(
                500,
                "Internal Server Error: restart",
            ))),
            false,
        ),
        Some(FaultKind::BadGateway) => (Err(Failure::BadGateway), false),
        Some(FaultKind::Refuse {
            status,
            description,
            parameters,
        }) => (
            Err(Failure::Refusal(Refusal {
                code: status,
                description,
                parameters,
            })),
            false,
        ),
        Some(FaultKind::LostAnswer) => (call().await, true),
        Some(FaultKind::Hang {
            seconds: pause,
            performs,
        }) => {
            // A caller that leaves ends this function here; what comes after the pause never happens then.
            let before = if performs { Some(call().await) } else { None };
            tokio::select! {
                () = tokio::time::sleep(seconds(pause)) => {}
                () = app.stopping.cancelled() => {}
            }
            match before {
                Some(outcome) => (outcome, false),
                None => (call().await, false),
            }
        }
    }
}

struct Arrival {
    method: Method,
    chat_id: Option<i64>,
    time: chrono::DateTime<Utc>,
    started: Instant,
}

impl Arrival {
    fn log(
        &self,
        app: &App,
        params: &Params,
        status: u16,
        description: Option<String>,
        fault: Option<&'static str>,
    ) {
        app.lock().calls.push(Call {
            number: 0,
            time: self.time.to_rfc3339_opts(SecondsFormat::Micros, true),
            duration_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            method: self.method.name().to_owned(),
            chat_id: self.chat_id,
            status,
            description,
            fault,
            parameters: params.to_log(),
        });
    }
}

fn respond(result: Answer) -> Response {
    let body = match result {
        Answer::Result(value) => json!({ "ok": true, "result": value }).to_string(),
        Answer::Described(truth, description) => {
            json!({ "ok": true, "result": truth, "description": description }).to_string()
        }
        Answer::Updates(bodies) => format!("{{\"ok\":true,\"result\":[{}]}}", bodies.join(",")),
    };
    answer(200, "application/json", body)
}

fn refuse(refusal: &Refusal) -> Response {
    let mut body =
        json!({ "ok": false, "error_code": refusal.code, "description": refusal.description });
    if let (Value::Object(fields), Some(parameters)) = (&mut body, &refusal.parameters) {
        fields.insert("parameters".to_owned(), parameters.clone());
    }
    answer(refusal.code, "application/json", body.to_string())
}

fn not_found() -> Refusal {
    Refusal::new(404, "Not Found")
}

fn answer(status: u16, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(content_type),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::split_path;

    #[test]
    fn paths() {
        let split = |path| split_path(path).map(|(token, method)| format!("{token} {method}"));
        assert_eq!(split("/bot1:a/GetMe").as_deref(), Some("1:a GetMe"));
        assert_eq!(split("/bot1%3Aa/getme/").as_deref(), Some("1:a getme"));
        assert_eq!(split("/bot1:a"), None);
        assert_eq!(split("/other/x"), None);
    }
}
