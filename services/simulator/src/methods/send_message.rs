//! `sendMessage`.

use super::{
    Answer, Refusal, content,
    send::{Content, send},
};
use crate::{app::App, params::Params};

pub(super) fn call(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let state = app.lock();
    let (text, entities) = content::text(params, &state.settings)?;
    let content = Content {
        text,
        entities,
        file: None,
    };
    send(state, app, params, content)
}
