//! A multistatus (RFC 4918 section 13) as a client reads it.

use anyhow::{Context as _, Result, bail, ensure};

use crate::xml::Element;

/// An answer about several resources.
#[derive(Clone, Debug)]
pub struct Multistatus {
    /// In the order of the answer.
    pub responses: Vec<Response>,
    /// Of a sync-collection.
    pub sync_token: Option<String>,
}

/// What it says of one resource.
#[derive(Clone, Debug)]
pub struct Response {
    pub href: String,
    /// Of the resource as a whole, where there is one.
    pub status: Option<u16>,
    /// The conditions of its `D:error`.
    pub errors: Vec<String>,
    /// What it has of each status.
    propstats: Vec<(u16, Element)>,
}

impl Multistatus {
    pub fn parse(text: &str) -> Result<Self> {
        let root = Element::parse(text)?;
        ensure!(root.name == "D:multistatus", "the root is {}", root.name);
        Ok(Self {
            responses: root
                .children_named("D:response")
                .map(Response::read)
                .collect::<Result<_>>()?,
            sync_token: root
                .child("D:sync-token")
                .ok()
                .map(|token| token.text.clone()),
        })
    }

    /// What it says of the resource of this href.
    pub fn of(&self, href: &str) -> Result<&Response> {
        self.responses
            .iter()
            .find(|response| response.href == href)
            .with_context(|| format!("nothing of {href} in {self:#?}"))
    }

    /// The one resource that it is about.
    pub fn only(&self) -> Result<&Response> {
        match self.responses.as_slice() {
            [only] => Ok(only),
            _ => bail!("not one response in {self:#?}"),
        }
    }

    /// The resources whose `D:resourcetype` has this name in it.
    pub fn of_type<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Response> {
        self.responses.iter().filter(move |response| {
            response
                .prop("D:resourcetype")
                .is_ok_and(|kinds| kinds.has(name))
        })
    }

    pub fn hrefs(&self) -> Vec<&str> {
        self.responses
            .iter()
            .map(|response| response.href.as_str())
            .collect()
    }
}

impl Response {
    pub fn read(element: &Element) -> Result<Self> {
        let propstats = element.children_named("D:propstat").map(|propstat| {
            let status = status(propstat)?.context("a propstat without status")?;
            Ok((status, propstat.child("D:prop")?.clone()))
        });
        Ok(Self {
            href: element.href()?,
            status: status(element)?,
            errors: element
                .children_named("D:error")
                .flat_map(|error| error.names())
                .map(str::to_owned)
                .collect(),
            propstats: propstats.collect::<Result<_>>()?,
        })
    }

    /// A property that is there.
    pub fn prop(&self, name: &str) -> Result<&Element> {
        self.with_status(200)
            .find(|property| property.name == name)
            .with_context(|| format!("{} has no {name}: {self:#?}", self.href))
    }

    /// The text of a property that is there.
    pub fn text(&self, name: &str) -> Result<&str> {
        Ok(self.prop(name)?.text.trim())
    }

    /// The one href in a property.
    pub fn link(&self, name: &str) -> Result<String> {
        self.prop(name)?
            .href()
            .with_context(|| format!("{name} of {}", self.href))
    }

    /// The names of the properties with this status.
    pub fn names(&self, status: u16) -> Vec<&str> {
        self.with_status(status)
            .map(|property| property.name.as_str())
            .collect()
    }

    fn with_status(&self, wanted: u16) -> impl Iterator<Item = &Element> {
        self.propstats
            .iter()
            .filter(move |(status, _)| *status == wanted)
            .flat_map(|(_, prop)| &prop.children)
    }

    /// The kinds of components that a calendar takes.
    pub fn components(&self) -> Result<Vec<&str>> {
        let set = self.prop("C:supported-calendar-component-set")?;
        Ok(set
            .children_named("C:comp")
            .filter_map(|comp| comp.attribute("name"))
            .collect())
    }

    /// The reports that a resource answers.
    pub fn reports(&self) -> Result<Vec<&str>> {
        let mut names = Vec::new();
        for supported in self
            .prop("D:supported-report-set")?
            .children_named("D:supported-report")
        {
            names.extend(supported.child("D:report")?.names());
        }
        Ok(names)
    }

    /// What the user may do.
    pub fn privileges(&self) -> Result<Vec<&str>> {
        let set = self.prop("D:current-user-privilege-set")?;
        Ok(set
            .children_named("D:privilege")
            .flat_map(Element::names)
            .collect())
    }
}

/// The number in a `D:status`, if there is one.
fn status(element: &Element) -> Result<Option<u16>> {
    let Ok(line) = element.child("D:status") else {
        return Ok(None);
    };
    let mut words = line.text.split(' ');
    ensure!(
        words.next() == Some("HTTP/1.1"),
        "{:?} is no status line",
        line.text
    );
    let number = words.next().unwrap_or_default();
    Ok(Some(number.parse()?))
}
