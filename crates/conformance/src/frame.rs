//! Messages of the gRPC binding written by hand, so that they can be wrong.

/// A unary call as it goes over the line.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `/package.Service/Method`.
    pub path: String,
    /// The message, without the five bytes before it.
    pub message: Vec<u8>,
}

/// A length-delimited field of protobuf.
#[must_use]
pub fn field(number: u64, value: &[u8]) -> Vec<u8> {
    let mut out = varint(number << 3 | 2);
    out.extend(varint(value.len() as u64));
    out.extend_from_slice(value);
    out
}

/// A field that is a number.
#[must_use]
pub fn varint_field(number: u64, value: u64) -> Vec<u8> {
    let mut out = varint(number << 3);
    out.extend(varint(value));
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = (value & 0x7F) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::{field, varint_field};

    #[test]
    fn fields_are_written_as_protobuf_has_them() {
        assert_eq!(field(1, b"PL"), [0x0A, 2, b'P', b'L']);
        assert_eq!(varint_field(4, 300), [0x20, 0xAC, 0x02]);
        assert_eq!(field(900, b""), [0xA2, 0x38, 0]);
    }
}
