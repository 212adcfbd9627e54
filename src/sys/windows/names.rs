//! Names as Win32 takes them, and as the object manager gives them back.

use std::os::windows::io::BorrowedHandle;

use super::api::{current_session, object_path, Wide};
use crate::{Name, Namespace};

/// A local name needs no prefix, so that the longest ones still fit.
pub(super) fn wide(name: &Name) -> Wide {
    let prefix = if name.namespace() == Namespace::Global { r"Global\" } else { "" };
    Wide::from_units(prefix.encode_utf16().chain(name.units().iter().copied()))
}

/// The two directories of the object manager that names live in. In session 0 there is only one, and it is called local.
pub(super) fn directories() -> Vec<(Namespace, String)> {
    let global = r"\BaseNamedObjects".to_owned();
    match current_session() {
        Ok(session) if session != 0 => {
            let local = format!(r"\Sessions\{session}\BaseNamedObjects");
            vec![(Namespace::Local, local), (Namespace::Global, global)]
        }
        _ => vec![(Namespace::Local, global)],
    }
}

/// The name of an object, if it lies in one of the two namespaces.
pub(super) fn name_of(handle: BorrowedHandle<'_>) -> Option<Name> {
    let path = object_path(handle).ok()?;
    let end = path.iter().rposition(|&unit| unit == u16::from(b'\\'))?;
    let (directory, text) = (String::from_utf16_lossy(&path[..end]), &path[end + 1..]);
    let (namespace, _) = directories().into_iter().find(|(_, path)| *path == directory)?;
    Name::from_parts(namespace, text).ok()
}
