//! Paths under other names: the singular that some of the seeds' clients use, and a slash at the
//! end. They are told apart here, so that every route has one path.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::uri::{PathAndQuery, Uri};
use actix_web::middleware::Next;

use super::Outcome;

/// What some clients say, and what it stands for.
const ALIASES: &[(&str, &str)] = &[
    ("/api/product", "/api/products"),
    ("/api/order", "/api/orders"),
    ("/api/payment", "/api/payments"),
    ("/api/socket/socket.io", "/socket.io"),
    ("/api/auth/users/me/address", "/api/auth/users/me/addresses"),
];

/// Puts the path in the place of its other name.
///
/// # Errors
/// Those of the services behind it.
pub async fn resolve(mut request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    if let Some(uri) = renamed(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    next.call(request).await
}

fn renamed(uri: &Uri) -> Option<Uri> {
    let path = canonical(uri.path())?;
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path_and_query).ok()?);
    Uri::from_parts(parts).ok()
}

/// The path by its one name, if it has another.
fn canonical(path: &str) -> Option<String> {
    let trimmed = match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    };
    let aliased = ALIASES.iter().find_map(|(alias, name)| {
        let rest = trimmed.strip_prefix(alias)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{name}{rest}"))
    });
    aliased.or_else(|| (trimmed != path).then(|| trimmed.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_name_whatever_it_is_called() {
        let cases = [
            ("/api/product", Some("/api/products")),
            ("/api/product/", Some("/api/products")),
            ("/api/product/1/reviews", Some("/api/products/1/reviews")),
            ("/api/products/", Some("/api/products")),
            ("/api/products", None),
            ("/api/productivity", None),
            (
                "/api/auth/users/me/address/1",
                Some("/api/auth/users/me/addresses/1"),
            ),
            ("/", None),
        ];
        for (path, name) in cases {
            assert_eq!(canonical(path).as_deref(), name, "{path}");
        }
        let uri: Uri = "/api/order/?status=PENDING".parse().unwrap();
        assert_eq!(renamed(&uri).unwrap(), "/api/orders?status=PENDING");
    }
}
