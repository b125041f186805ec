//! Topics: the words by which events are asked for, as brokers understand them.

/// Whether a pattern asks for this topic: `*` stands for one word, `#` for any number of them.
///
/// Patterns are anybody's, so it takes no longer than the words of one times those of the other,
/// however many `#` there are.
#[must_use]
pub fn asks_for(pattern: &str, topic: &str) -> bool {
    let topic: Vec<_> = topic.split('.').collect();
    // Whether what was read of the pattern asks for so many words from the front of the topic.
    let mut asked = vec![false; topic.len() + 1];
    asked[0] = true;
    for word in pattern.split('.') {
        if word == "#" {
            let fewest = asked.iter().position(|asked| *asked).unwrap_or(asked.len());
            asked[fewest..].fill(true);
            continue;
        }
        for (at, said) in topic.iter().enumerate().rev() {
            asked[at + 1] = asked[at] && (word == "*" || word == *said);
        }
        asked[0] = false;
    }
    asked[topic.len()]
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

    #[test]
    fn a_hostile_pattern_is_read_in_no_time() {
        let topic = ["order"; 40].join(".");
        for word in ["a", "*.a", "order.a"] {
            let pattern = format!("{}.{word}", ["#"; 40].join("."));
            assert!(!asks_for(&pattern, &topic), "{pattern}");
        }
        let pattern = ["#.*"; 40].join(".");
        assert!(asks_for(&pattern, &topic), "there is a word for each");
    }

    /// What a pattern means, said as plainly as can be.
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

    /// Everything that can be said with at most so many of these words, but for nothing at all.
    fn sayings<'a>(words: &[&'a str], most: usize) -> Vec<Vec<&'a str>> {
        let mut all = vec![Vec::new()];
        let mut longest = all.clone();
        for _ in 0..most {
            let longer = longest
                .iter()
                .flat_map(|said| words.iter().map(|word| [said.as_slice(), &[*word]].concat()));
            longest = longer.collect();
            all.extend(longest.iter().cloned());
        }
        all.split_off(1)
    }

    #[test]
    fn every_small_pattern_means_what_it_says() {
        let topics = sayings(&["a", "b"], 4);
        for pattern in sayings(&["a", "b", "*", "#"], 4) {
            for topic in &topics {
                let (said, asked) = (pattern.join("."), topic.join("."));
                let meant = matches(&pattern, topic);
                assert_eq!(asks_for(&said, &asked), meant, "{said} and {asked}");
            }
        }
    }
}
