//! The first admin, whom a runtime makes at its start.

use bazaar::config::{Config, Sources};
use bazaar::supervisors::admin;

use super::sessions::Desk;
use super::support::faulty::Faulty;
use super::support::node::on_one_thread;

#[test]
fn runtimes_that_start_at_once_on_one_store_make_one_admin() {
    on_one_thread(async {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources {
            folder: folder.path().to_owned(),
            ..Sources::default()
        };
        let sources = sources
            .flag("of the test", "auth.admin_email", Some("admin@example.com"))
            .flag(
                "of the test",
                "auth.admin_password",
                Some("the password of the admin"),
            )
            .flag("of the test", "auth.bcrypt_cost", Some(4));
        let config = Config::load(&sources).unwrap();
        let store = Faulty::new().shared(true);
        let (one, other) = (Desk::open(&store, 1).await, Desk::open(&store, 2).await);
        let made = tokio::join!(
            admin::ensure(&config, &one.accounts),
            admin::ensure(&config, &other.accounts)
        );
        assert!(made.0.is_ok() && made.1.is_ok(), "{made:?}");
        let (users, _, total) = one.accounts.list(None, |query| query.limit(10)).await.unwrap();
        assert_eq!((users.len(), total), (1, 1));
    });
}
