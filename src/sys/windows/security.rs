//! `Security` as a security descriptor.

use std::sync::OnceLock;

use super::api::{self, SecurityAttributes, Wide};
use crate::{Error, ErrorKind, Grant, Result, Security};

/// What the grants mean for one kind of object, as access masks.
pub(super) struct Rights {
    pub all: u32,
    pub read: u32,
    pub read_write: u32,
}

impl Rights {
    fn of(&self, grant: Grant) -> u32 {
        match grant {
            Grant::Read => self.read,
            Grant::ReadWrite => self.read_write,
        }
    }
}

const EVERYBODY: &str = "WD";

/// The list is protected, so nothing is inherited from the directory: who is not in it has no access.
pub(super) fn attributes(
    security: &Security,
    rights: &Rights,
    inheritable: bool,
) -> Result<SecurityAttributes> {
    let mut sddl = format!("D:P(A;;{:#x};;;{})", rights.all, me()?);
    let other = match security {
        Security::OnlyMe => None,
        Security::Group(name, grant) => Some((group(name)?, grant)),
        Security::Everybody(grant) => Some((EVERYBODY.to_owned(), grant)),
    };
    if let Some((who, &grant)) = other {
        sddl += &format!("(A;;{:#x};;;{who})", rights.of(grant));
    }
    api::convert_string_security_descriptor(&Wide::new(&sddl), inheritable)
        .map_err(|code| code.error("cannot describe who may open the object"))
}

/// The user, not the owner of new objects: for an administrator that would be the whole group.
fn me() -> Result<&'static str> {
    static ME: OnceLock<String> = OnceLock::new();
    if let Some(sid) = ME.get() {
        return Ok(sid);
    }
    let sid = api::current_user_sid()
        .map_err(|code| code.error("cannot find out who this process runs as"))?;
    Ok(ME.get_or_init(|| sid))
}

fn group(name: &str) -> Result<String> {
    api::lookup_account_name(&Wide::new(name)).map_err(|code| {
        let remedy = format!("there is no group `{name}`");
        Error::from_os(ErrorKind::InvalidParameter, code.0 as i32, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHTS: Rights = Rights { all: 0xF001F, read: 0x2000D, read_write: 0x2000F };

    #[test]
    fn every_choice_is_a_descriptor_and_an_unknown_group_is_an_error() {
        for security in [
            Security::OnlyMe,
            Security::Everybody(Grant::Read),
            Security::Group("Users".to_owned(), Grant::ReadWrite),
        ] {
            attributes(&security, &RIGHTS, true).unwrap();
        }
        let nobody = Security::Group("no such group".to_owned(), Grant::Read);
        let error = attributes(&nobody, &RIGHTS, false).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidParameter);
    }
}
