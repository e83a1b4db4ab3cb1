//! `sendPhoto` and `sendDocument`: an upload, or a file that was sent before by its id.

use super::{
    Answer, Refusal, content,
    send::{Content, NewFile, send},
};
use crate::{
    app::App,
    files::{FileKind, is_file_id},
    images::photo_size,
    params::{Params, Upload},
    state::State,
};

/// Bytes of a document (Bot API, `sendDocument`: at most 50 MB).
const MAX_DOCUMENT_BYTES: usize = 50 * 1024 * 1024;
/// How a parameter points to another part of the body.
const ATTACHED: &str = "attach://";

pub(super) fn photo(app: &App, params: &Params) -> Result<Answer, Refusal> {
    send_file(app, params, FileKind::Photo, "photo")
}

pub(super) fn document(app: &App, params: &Params) -> Result<Answer, Refusal> {
    send_file(app, params, FileKind::Document, "document")
}

fn send_file(app: &App, params: &Params, kind: FileKind, name: &str) -> Result<Answer, Refusal> {
    let state = app.lock();
    let file = match find(params, name)? {
        Source::Upload(upload) => {
            let upload = upload.clone();
            let size = check(kind, &upload)?;
            NewFile::Uploaded(Box::new(move |state: &mut State| {
                state.files.add(kind, &upload, size)
            }))
        }
        Source::Id(id) => NewFile::Known(known(&state, kind, &id)?),
    };
    let (text, entities) = content::caption(params, &state.settings)?;
    let content = Content {
        text,
        entities,
        file: Some(file),
    };
    send(state, app, params, content)
}

enum Source<'a> {
    Upload(&'a Upload),
    Id(String),
}

fn find<'a>(params: &'a Params, name: &str) -> Result<Source<'a>, Refusal> {
    let text = params.text(name).unwrap_or_default();
    let part = match text.strip_prefix(ATTACHED) {
        Some(part) => part,
        None if text.is_empty() => name,
        None if text.starts_with("http://") || text.starts_with("https://") => {
            // There is no web here.
            return Err(Refusal::bad_request(
                "Bad Request: failed to get HTTP URL content",
            ));
        }
        None => return Ok(Source::Id(text)),
    };
    params.file(part).map(Source::Upload).ok_or_else(|| {
        Refusal::bad_request(format!("Bad Request: there is no {name} in the request"))
    })
}

/// Width and height of a photo.
fn check(kind: FileKind, upload: &Upload) -> Result<(usize, usize), Refusal> {
    if upload.content.is_empty() {
        return Err(Refusal::bad_request("Bad Request: file must be non-empty"));
    }
    match kind {
        FileKind::Photo => photo_size(&upload.content).map_err(Refusal::bad_request),
        FileKind::Document if upload.content.len() > MAX_DOCUMENT_BYTES => {
            Err(Refusal::new(413, "Request Entity Too Large"))
        }
        FileKind::Document => Ok((0, 0)),
    }
}

fn known(state: &State, kind: FileKind, id: &str) -> Result<crate::files::FileInfo, Refusal> {
    let wrong = |why: &str| {
        Refusal::bad_request(format!(
            "Bad Request: wrong remote file identifier specified: {why}"
        ))
    };
    if !is_file_id(id) {
        return Err(wrong("Wrong character in the string"));
    }
    let (info, _) = state
        .files
        .get(id)
        .ok_or_else(|| wrong("can't unserialize it"))?;
    if info.kind != kind {
        return Err(Refusal::bad_request(format!(
            "Bad Request: can't use file of type {} as {}",
            info.kind.name(),
            kind.name()
        )));
    }
    Ok(info.clone())
}
