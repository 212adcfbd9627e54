//! `--share`: who may open a new object, as one word.

use std::str::FromStr;

use mapview::{Grant, Security};

/// The value of `--share`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share(pub Security);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Share, String> {
        let grant = |word: &str| match word {
            "read" => Ok(Grant::Read),
            "read-write" => Ok(Grant::ReadWrite),
            _ => Err(format!("`{word}` is neither `read` nor `read-write`")),
        };
        if text == "only-me" {
            return Ok(Share(Security::OnlyMe));
        }
        let (who, word) = text.rsplit_once(':').unwrap_or((text, "read"));
        match who.split_once(':') {
            None if who == "everybody" => Ok(Share(Security::Everybody(grant(word)?))),
            Some(("group", name)) if !name.is_empty() => {
                Ok(Share(Security::Group(name.into(), grant(word)?)))
            }
            _ => Err("use only-me, group:NAME:read, group:NAME:read-write, everybody:read or \
                      everybody:read-write"
                .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_and_the_wrong_ones() {
        let security = |text: &str| text.parse::<Share>().map(|share| share.0);
        assert_eq!(security("only-me"), Ok(Security::OnlyMe));
        assert_eq!(security("everybody:read"), Ok(Security::Everybody(Grant::Read)));
        assert_eq!(security("everybody:read-write"), Ok(Security::Everybody(Grant::ReadWrite)));
        assert_eq!(security("group:audio:read"), Ok(Security::Group("audio".into(), Grant::Read)));
        for bad in
            ["", "me", "everybody:write", "group:", "group:audio", "group::read", "only-me:read"]
        {
            assert!(security(bad).is_err(), "{bad}");
        }
    }
}
