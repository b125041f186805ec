//! The bare names that the environment may use for a setting. Where several names stand for one
//! setting and more than one is set, the one that comes first here counts.

/// A name and the key it stands for.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("NODE_ENV", "environment"),
    ("HOST", "server.host"),
    ("PORT", "server.port"),
    ("SOCKET_PORT", "server.socket_port"),
    ("JWT_SECRET", "auth.jwt_secret"),
    ("ADMIN_EMAIL", "auth.admin_email"),
    ("ADMIN_PASSWORD", "auth.admin_password"),
    ("BAZAAR_DATA_DIR", "store.data_dir"),
    ("MONGO_URI", "store.mongo_uri"),
    ("MONGODB_URI", "store.mongo_uri"),
    ("MONGODB_URL", "store.mongo_uri"),
    ("MONGO_URL", "store.mongo_uri"),
    ("DB_URL", "store.mongo_uri"),
    ("REDIS_URI", "redis.url"),
    ("REDIS_URL", "redis.url"),
    ("REDIS_HOST", "redis.host"),
    ("REDIS_PORT", "redis.port"),
    ("REDIS_PASSWORD", "redis.password"),
    ("RABBIT_URL", "rabbitmq.url"),
    ("RABBITMQ_URL", "rabbitmq.url"),
    ("RABITMQ_URL", "rabbitmq.url"),
    ("AMQP_URL", "rabbitmq.url"),
    ("BROKER_URL", "rabbitmq.url"),
    ("EMAIL_HOST", "mail.host"),
    ("EMAIL_SMTP_HOST", "mail.host"),
    ("EMAIL_PORT", "mail.port"),
    ("EMAIL_SMTP_PORT", "mail.port"),
    ("EMAIL_USER", "mail.user"),
    ("EMAIL_PASS", "mail.password"),
    ("EMAIL_FROM", "mail.from"),
    ("CLIENT_ID", "mail.client_id"),
    ("CLIENT_SECRET", "mail.client_secret"),
    ("REFRESH_TOKEN", "mail.refresh_token"),
    ("SMS_URL", "sms.url"),
    ("SMS_USER", "sms.user"),
    ("SMS_PASSWORD", "sms.password"),
    ("SMS_SENDER", "sms.sender"),
    ("PUBLIC_URL", "http.public_url"),
    ("IMAGEKIT_PUBLIC_KEY", "imagekit.public_key"),
    ("IMAGEKIT_PRIVATE_KEY", "imagekit.private_key"),
    ("IMAGEKIT_URL_ENDPOINT", "imagekit.url_endpoint"),
    ("IMAGEKIT_ENDPOINT", "imagekit.url_endpoint"),
    ("CLOUDINARY_NAME", "cloudinary.name"),
    ("CLOUDINARY_API_KEY", "cloudinary.api_key"),
    ("CLOUDINARY_API_SECRET", "cloudinary.api_secret"),
    ("CLOUDINARY_SECRET", "cloudinary.api_secret"),
    ("RAZORPAY_KEY_ID", "razorpay.key_id"),
    ("RAZORPAY_KEY_SECRET", "razorpay.key_secret"),
    ("PAYMENT_PROVIDER_API_KEY", "razorpay.key_secret"),
    ("RAZORPAY_WEBHOOK_SECRET", "razorpay.webhook_secret"),
    ("GOOGLE_API_KEY", "gemini.api_key"),
    ("GEMINI_API_KEY", "gemini.api_key"),
    ("OPENAI_API_KEY", "openai.api_key"),
    ("OPENAI_BASE_URL", "openai.base_url"),
];

/// What a variable that sets any key begins with; two underscores stand for each dot of the key.
pub(super) const PREFIX: &str = "BAZAAR__";

/// The key that a variable sets, and its rank among the variables for the same key; `None` for
/// the many variables that are no business of ours.
pub(super) fn key(variable: &str) -> Option<(usize, String)> {
    if let Some(key) = variable.strip_prefix(PREFIX) {
        return Some((0, key.to_lowercase().replace("__", ".")));
    }
    let place = NAMES.iter().position(|(name, _)| *name == variable)?;
    Some((place + 1, NAMES[place].1.to_owned()))
}
