//! Topics: the words by which events are asked for, as brokers understand them.

/// Whether a pattern asks for this topic: `*` stands for one word, `#` for any number of them.
#[must_use]
pub fn asks_for(pattern: &str, topic: &str) -> bool {
    let (pattern, topic): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), topic.split('.').collect());
    matches(&pattern, &topic)
}

fn matches(pattern: &[&str], topic: &[&str]) -> bool {
    match (pattern.split_first(), topic.split_first()) {
        (None, None) => true,
        (Some((&"#", rest)), _) => (0..=topic.len()).any(|from| matches(rest, &topic[from..])),
        (Some((word, pattern)), Some((said, topic))) => {
            (*word == "*" || word == said) && matches(pattern, topic)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::asks_for;

    #[test]
    fn a_pattern_asks_for_the_topics_that_a_broker_would_give_it() {
        for (pattern, topic, asked) in [
            ("#", "order.created", true),
            ("order.*", "order.created", true),
            ("order.*", "order.parcels.advanced", false),
            ("order.#", "order.parcels.advanced", true),
            ("order.#", "order", true),
            ("*.created", "user.created", true),
            ("order.created", "order.created", true),
            ("order.created", "order.cancelled", false),
            ("#.created", "order.created", true),
            ("order.*", "order", false),
            ("", "order", false),
        ] {
            assert_eq!(asks_for(pattern, topic), asked, "{pattern} and {topic}");
        }
    }
}
