//! GUIDs for documents whose readers want one: of a rule's id, or of any other text.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The GUID that a text is, in lower case, or one that is made of its SHA-256, always the same for the
/// same text (version 8 of RFC 9562, with a name as in its appendix B.2).
pub(super) fn of(text: &str) -> String {
    if is_guid(text) {
        return text.to_ascii_lowercase();
    }
    let mut bytes = Sha256::digest(text.as_bytes());
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut guid = String::with_capacity(36);
    for (at, byte) in bytes.iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            guid.push('-');
        }
        let _ = write!(guid, "{byte:02x}");
    }
    guid
}

fn is_guid(text: &str) -> bool {
    let groups = || text.split('-');
    groups().map(str::len).eq([8, 4, 4, 4, 12])
        && groups().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_guid_stays_and_other_texts_become_one() {
        let id = "9C1A2A60-3F57-4CC8-8D0E-5C1F0A6A1F07";
        assert_eq!(of(id), "9c1a2a60-3f57-4cc8-8d0e-5c1f0a6a1f07");
        let made = of("Whoami as System");
        assert_eq!(made, of("Whoami as System"));
        assert_eq!(made, of(&made));
        assert_eq!((made.len(), &made[14..15]), (36, "8"));
        assert_ne!(made, of("whoami as system"));
    }
}
