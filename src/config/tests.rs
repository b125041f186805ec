//! What the settings promise: layers in their order, every name, and complaints that tell and keep secrets.

use std::collections::BTreeSet;
use std::fs;

use secrecy::{ExposeSecret, SecretString};

use super::names::NAMES;
use super::*;

/// A folder, files in it, and an environment.
struct Place(tempfile::TempDir, Vec<(String, String)>);

fn place() -> Place {
    Place(tempfile::tempdir().unwrap(), Vec::new())
}

impl Place {
    fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.0.path().join(name), text).unwrap();
        self
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.1.push((name.into(), value.into()));
        self
    }

    fn sources(&self) -> Sources {
        Sources {
            folder: self.0.path().into(),
            variables: self.1.clone(),
            ..Sources::default()
        }
    }

    fn load(&self) -> Result<Config, String> {
        Config::load(&self.sources()).map_err(|error| error.to_string())
    }

    fn config(&self) -> Config {
        self.load().unwrap()
    }

    fn complaint(&self) -> String {
        let complaint = self.load().unwrap_err();
        assert!(!complaint.contains('\n'), "more than one sentence: {complaint}");
        complaint
    }
}

fn exposed(secret: Option<&SecretString>) -> &str {
    secret.map(ExposeSecret::expose_secret).unwrap_or_default()
}

#[test]
fn the_compiled_default_is_a_whole_configuration() {
    let config = place().config();
    assert_eq!(config.environment, Environment::Development);
    assert_eq!((config.host(), config.server.port), ("127.0.0.1", 3000));
    assert!(config.store.mongo_uri.is_none() && !config.store.is_shared());
    assert!(config.metrics_open() && config.docs_open());
}

#[test]
fn every_key_of_the_default_has_a_sentence_before_it() {
    let lines: Vec<_> = DEFAULT.lines().collect();
    for pair in lines
        .windows(2)
        .filter(|pair| pair[1].contains(" = ") && !pair[1].starts_with('#'))
    {
        assert!(pair[0].starts_with("# "), "no sentence before: {}", pair[1]);
    }
}

#[test]
fn each_layer_lies_over_the_one_before() {
    let place = place().file("config.toml", "[server]\nport = 1\n[log]\nlevel = 'debug'\n");
    assert_eq!(place.config().server.port, 1);
    let place = place.file(".env", "PORT=2\nJWT_SECRET='from dotenv'\n");
    assert_eq!(place.config().server.port, 2);
    let place = place.set("PORT", "3");
    assert_eq!(place.config().server.port, 3);
    let place = place.set("BAZAAR__SERVER__PORT", "4");
    assert_eq!(place.config().server.port, 4);
    let config = Config::load(&place.sources().flag("--port", "server.port", Some(5))).unwrap();
    assert_eq!(config.server.port, 5);
    assert_eq!(config.log.level, "debug", "what a layer does not say stays");
    assert_eq!(exposed(config.auth.jwt_secret.as_ref()), "from dotenv");
}

#[test]
fn a_named_file_is_read_in_place_of_the_folders() {
    let place = place()
        .file("config.toml", "[server]\nport = 1\n")
        .file("other.toml", "[server]\nworkers = 3\n");
    let sources = |name: &str| Sources {
        file: Some(place.0.path().join(name)),
        ..place.sources()
    };
    let config = Config::load(&sources("other.toml")).unwrap();
    assert_eq!((config.server.port, config.server.workers), (3000, 3));
    let complaint = Config::load(&sources("missing.toml")).unwrap_err().to_string();
    assert!(complaint.contains("missing.toml cannot be read"), "{complaint}");
}

#[test]
fn every_bare_name_sets_its_setting() {
    let value = |key: &str| match key {
        "environment" => "development",
        "store.mongo_uri" => "mongodb://one/shop",
        "redis.url" => "redis://one",
        "rabbitmq.url" => "amqp://one",
        "sms.url" | "http.public_url" | "openai.base_url" => "https://one.example",
        key if key.ends_with("port") => "4711",
        "gemini.api_key" | "openai.api_key" => "a-key",
        _ => "some text",
    };
    for (name, key) in NAMES {
        let beside: &[_] = match key.split(['.', '_']).next() {
            Some("auth") => &["ADMIN_EMAIL", "ADMIN_PASSWORD"],
            Some("mail") => &["EMAIL_USER", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"],
            Some("razorpay") => &["RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET"],
            Some("imagekit") => &["IMAGEKIT_PRIVATE_KEY"],
            Some("cloudinary") => &["CLOUDINARY_NAME", "CLOUDINARY_API_KEY", "CLOUDINARY_API_SECRET"],
            _ => &[],
        };
        let place = place().set(name, value(key));
        let place = beside
            .iter()
            .fold(place, |place, name| place.set(name, "some text"));
        let layers = place.sources().layered().unwrap();
        let origin = layers.find_metadata(key).map(|origin| origin.name.to_string());
        assert!(
            origin.is_some_and(|origin| origin.contains("in the environment")),
            "{name} did not set {key}"
        );
        place
            .load()
            .unwrap_or_else(|complaint| panic!("{name}: {complaint}"));
    }
    let names: BTreeSet<_> = NAMES.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), NAMES.len(), "a name stands in the list twice");
}

#[test]
fn of_two_names_for_one_setting_the_first_of_the_list_counts() {
    let place = place()
        .set("DB_URL", "mongodb://last")
        .set("MONGO_URI", "mongodb://first");
    let config = place.config();
    assert_eq!(exposed(config.store.mongo_uri.as_ref()), "mongodb://first");
    assert!(
        config.store.is_shared(),
        "a store on MongoDB is shared unless it is said not to be"
    );
    assert!(
        !place
            .set("BAZAAR__STORE__SHARED", "no")
            .load()
            .is_ok_and(|config| config.store.is_shared())
    );
}

#[test]
fn foreign_variables_and_empty_ones_are_passed_over() {
    let place = place()
        .set("PATH", "/bin")
        .set("BAZAAR_TEST_REDIS_URL", "x")
        .set("PORT", "")
        .set("DB_NAME", "y");
    assert_eq!(place.config().server.port, 3000);
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let complaint = place().file("config.toml", "[server]\nprot = 1\n").complaint();
    assert!(complaint.starts_with("server.prot (") && complaint.contains("config.toml) is not a setting"));
    let complaint = place().set("BAZAAR__SERVER__PROT", "1").complaint();
    assert!(
        complaint.starts_with("server.prot (BAZAAR__SERVER__PROT in the environment)"),
        "{complaint}"
    );
    let complaint = place().file(".env", "BAZAAR__SEVRER__PORT=1").complaint();
    assert!(
        complaint.starts_with("sevrer (BAZAAR__SEVRER__PORT in .env) is not a setting"),
        "{complaint}"
    );
}

#[test]
fn a_bad_value_is_named_with_its_place_and_not_repeated() {
    let cases = [
        (
            "PORT",
            "hush",
            "server.port (PORT in the environment) must be a whole number from 0 to 65535",
        ),
        (
            "PORT",
            "70000",
            "server.port (PORT in the environment) must be a whole number from 0 to 65535",
        ),
        (
            "NODE_ENV",
            "hush",
            "environment (NODE_ENV in the environment) must be one of: development, staging, production",
        ),
        (
            "MONGO_URI",
            "hush",
            "store.mongo_uri (MONGO_URI in the environment) must begin with mongodb:// or mongodb+srv://",
        ),
        (
            "ADMIN_EMAIL",
            "hush",
            "auth.admin_password is missing beside auth.admin_email",
        ),
        (
            "BAZAAR__LIMITS__ENABLED",
            "hush",
            "limits.enabled (BAZAAR__LIMITS__ENABLED in the environment) must be true or false",
        ),
        (
            "BAZAAR__STORE__SHARED",
            "hush",
            "store.shared (BAZAAR__STORE__SHARED in the environment) must be true or false",
        ),
        (
            "BAZAAR__AUTH__BCRYPT_COST",
            "31",
            "auth.bcrypt_cost (BAZAAR__AUTH__BCRYPT_COST in the environment) must be from 4 to 16",
        ),
        (
            "BAZAAR__ACTORS__PER_NODE",
            "0",
            "actors.per_node (BAZAAR__ACTORS__PER_NODE in the environment) must be 1 or more",
        ),
        (
            "BAZAAR__PAYMENTS__LOOK_EVERY_SECONDS",
            "0",
            "payments.look_every_seconds (BAZAAR__PAYMENTS__LOOK_EVERY_SECONDS in the environment) must be 1 or more",
        ),
        (
            "BAZAAR__LOG__LEVEL",
            "=hush=",
            "log.level (BAZAAR__LOG__LEVEL in the environment) must be error, warn, info, debug or trace, also by module",
        ),
        (
            "BAZAAR__SERVER__TRUSTED_PROXIES",
            "10.0.0.1,hush",
            "server.trusted_proxies (BAZAAR__SERVER__TRUSTED_PROXIES in the environment) must be a list of which each item is an address or a network such as 10.0.0.0/8",
        ),
    ];
    for (name, value, complaint) in cases {
        assert_eq!(place().set(name, value).complaint(), complaint);
    }
    for origin in ["*", "shop.example", "https://shop.example/"] {
        let complaint = place().set("BAZAAR__HTTP__ALLOWED_ORIGINS", origin).complaint();
        assert!(
            complaint.starts_with("http.allowed_origins (BAZAAR__HTTP__"),
            "{complaint}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_understood_is_named_with_its_line_and_not_repeated() {
    let complaint = place()
        .file("config.toml", "[auth]\n\njwt_secret = hush hush\n")
        .complaint();
    assert!(
        complaint.contains("config.toml cannot be read: line 3"),
        "{complaint}"
    );
    assert!(!complaint.contains("hush"), "{complaint}");
    let complaint = place()
        .file(".env", "# mail\nEMAIL_PASS=hush and hush\n")
        .complaint();
    assert!(
        complaint.starts_with(".env cannot be read: line 2 is not NAME='value'"),
        "{complaint}"
    );
    assert!(!complaint.contains("hush"), "{complaint}");
}

#[test]
fn lists_may_be_written_with_commas() {
    let config = place()
        .set(
            "BAZAAR__HTTP__ALLOWED_ORIGINS",
            "https://a.example, http://localhost:5173",
        )
        .file(
            "config.toml",
            "[server]\ntrusted_proxies = ['10.0.0.0/8', '::1']\n",
        )
        .config();
    assert_eq!(
        config.http.allowed_origins,
        ["https://a.example", "http://localhost:5173"]
    );
    let trusts = |address: &str| {
        let address = address.parse().unwrap();
        config
            .server
            .trusted_proxies
            .iter()
            .any(|network| network.contains(address))
    };
    assert!(trusts("10.1.2.3") && trusts("::ffff:10.1.2.3") && trusts("::1"));
    assert!(!trusts("11.1.2.3") && !trusts("::2"));
}

#[test]
fn development_makes_a_secret_once_and_keeps_it_to_itself() {
    let place = place();
    let folder = place.0.path().join("data");
    let config = Config::load(
        &place
            .sources()
            .flag("--data-dir", "store.data_dir", folder.to_str()),
    )
    .unwrap();
    let first = config.signing_secret().unwrap();
    assert_eq!(first.expose_secret().len(), 64);
    assert_eq!(
        config.signing_secret().unwrap().expose_secret(),
        first.expose_secret()
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.join("jwt_secret")), 0o600);
        assert_eq!(mode(folder), 0o700);
    }
}

#[test]
fn a_redis_server_can_be_named_in_parts() {
    let location = |place: &Place| {
        place
            .config()
            .redis
            .location()
            .map(|url| url.expose_secret().to_owned())
    };
    assert_eq!(location(&place()), None);
    let parts = place()
        .set("REDIS_HOST", "cache")
        .set("REDIS_PORT", "6380")
        .set("REDIS_PASSWORD", "p@ss/ä");
    assert_eq!(location(&parts).unwrap(), "redis://:p%40ss%2F%C3%A4@cache:6380");
    assert_eq!(
        location(&parts.set("REDIS_URL", "redis://other")).unwrap(),
        "redis://other"
    );
}

#[test]
fn no_secret_is_printed() {
    let mut place = place();
    for (name, key) in NAMES {
        if ["SECRET", "PASS", "API_KEY", "PRIVATE_KEY", "TOKEN"]
            .iter()
            .any(|part| name.contains(part))
            && *name != "CLOUDINARY_API_KEY"
        {
            place = place.set(name, "hush");
        } else if ["store.mongo_uri", "redis.url", "rabbitmq.url"].contains(key) {
            let scheme = match *key {
                "redis.url" => "redis",
                "rabbitmq.url" => "amqp",
                _ => "mongodb",
            };
            place = place.set(name, &format!("{scheme}://user:hush@host"));
        }
    }
    let place = place
        .set("ADMIN_EMAIL", "a@b.example")
        .set("EMAIL_USER", "shop@gmail.com")
        .set("CLIENT_ID", "a name that may be seen")
        .set("RAZORPAY_KEY_ID", "a name that may be seen")
        .set("CLOUDINARY_NAME", "demo")
        .set("CLOUDINARY_API_KEY", "a key that may be seen");
    let printed = format!("{:?}", place.config());
    assert!(!printed.contains("hush"), "{printed}");
}
