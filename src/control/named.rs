//! The application that a call names, and who asks for it. What a caller may not touch is not there for him.

use axum::extract::{Extension, FromRequestParts, Path, RawQuery};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema};

use super::Control;
use super::failure::Failure;
use super::query::Query;
use super::tokens::Caller;
use crate::registry::Application;

/// See the module.
pub(super) struct Named {
    caller: Caller,
    name: String,
    query: Option<String>,
}

impl FromRequestParts<Control> for Named {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, control: &Control) -> Result<Self, Response> {
        let Path(name) = Path::from_request_parts(parts, control).await.map_err(IntoResponse::into_response)?;
        let Extension(caller) = Extension::from_request_parts(parts, control).await.map_err(IntoResponse::into_response)?;
        let RawQuery(query) = RawQuery::from_request_parts(parts, control).await.map_err(IntoResponse::into_response)?;
        Ok(Self { caller, name, query })
    }
}

impl Named {
    /// The application, and what the query says; `known` are the words that mean something there.
    pub(super) async fn find(&self, control: &Control, known: &[&str]) -> Result<(Application, Query), Failure> {
        let query = Query::read(self.query.as_deref(), known)?;
        let mut found = control.registry().named(&self.name).await?;
        found.retain(|application| is_meant(application, &query, &self.caller));
        match (found.pop(), found.len()) {
            (None, _) => Err(Failure::unknown(&self.name)),
            (Some(application), 0) => Ok((application, query)),
            (Some(last), _) => {
                let all = found.iter().chain([&last]).map(|application| application.registration.app.namespace.as_str());
                let all = all.collect::<Vec<_>>().join(", ");
                Err(Failure::new(StatusCode::CONFLICT, "ambiguous", format!("several namespaces have it: say ?namespace= one of {all}")))
            }
        }
    }
}

/// Whether a query means it.
pub(super) fn is_meant(application: &Application, query: &Query, caller: &Caller) -> bool {
    let namespace = &application.registration.app.namespace;
    caller.may(namespace) && query.namespace.as_ref().is_none_or(|meant| meant == namespace)
}

impl IntoParams for Named {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = |name: &str, place, required, description: &str| {
            let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(required).description(Some(description));
            parameter.schema(Some(String::schema())).build()
        };
        vec![
            text("name", ParameterIn::Path, Required::True, "The application's name"),
            text("namespace", ParameterIn::Query, Required::False, "Its namespace, where several have the name"),
        ]
    }
}
