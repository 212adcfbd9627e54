//! Who may open an object, in one option that means the same on both systems.

/// What the people named by a [`Security`] may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// Open for reading.
    Read,
    /// Open for reading and writing.
    ReadWrite,
}

/// Who may open an object besides the user who created it, who may always do everything.
///
/// Given at creation; ignored when the object already exists, as on Windows.
///
/// ```
/// use mapview::{Grant, MappingOptions, Security};
/// let name = format!(r"Global\doc-security-{}", std::process::id());
/// let mapping = MappingOptions::new()
///     .name(&name)
///     .size(4096)
///     .security(Security::Everybody(Grant::Read))
///     .create_new()?;
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Linux: the permission bits of the object's record, so only `Global\` names, which other users can reach, are
/// affected. A mutex is memory that every locker writes: for it `Read` grants the same as `ReadWrite`. `root` may
/// open everything. Windows: a DACL with the same meaning; `Local\` names are reachable from the same session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
#[doc(alias = "SECURITY_ATTRIBUTES")]
pub enum Security {
    /// Nobody else.
    #[default]
    OnlyMe,
    /// The members of the group with this name (`/etc/group` on Linux, an account name on Windows).
    Group(String, Grant),
    /// Every user of the machine.
    Everybody(Grant),
}
