//! A mobile operator that puts every message on a console instead of on a phone.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Messages kept; the oldest go first.
const KEPT: usize = 1_000;

/// A message as the phone would show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownMessage {
    /// The operator's own number for it, from 1.
    pub number: u64,
    /// The phone, E.164.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// Messages hold codes and numbers: even a made-up one does not get into a log by way of a printout.
impl fmt::Debug for ShownMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShownMessage({})", self.number)
    }
}

/// The console: keeps messages for whoever plays the citizen, and prints them where it was given something to print on. Clones are the same
/// console.
#[derive(Clone, Default)]
pub struct OperatorConsole(Arc<Mutex<Console>>);

#[derive(Default)]
struct Console {
    shown: VecDeque<ShownMessage>,
    count: u64,
    out: Option<Box<dyn Write + Send>>,
}

impl fmt::Debug for OperatorConsole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorConsole")
    }
}

impl OperatorConsole {
    /// Keeps messages and prints nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps messages and prints each as a line.
    #[must_use]
    pub fn printing(out: impl Write + Send + 'static) -> Self {
        let console = Console { out: Some(Box::new(out)), ..Console::default() };
        Self(Arc::new(Mutex::new(console)))
    }

    /// Shows a message; its number.
    ///
    /// # Errors
    /// When it cannot be printed. It is kept all the same.
    pub fn show(&self, to: &str, text: &str) -> io::Result<u64> {
        let mut console = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        console.count += 1;
        let number = console.count;
        if console.shown.len() == KEPT {
            console.shown.pop_front();
        }
        console.shown.push_back(ShownMessage { number, to: to.to_owned(), text: text.to_owned() });
        match &mut console.out {
            Some(out) => writeln!(out, "SMS to {to}: {text}").and_then(|()| out.flush()).map(|()| number),
            None => Ok(number),
        }
    }

    /// The messages a phone has got, oldest first.
    #[must_use]
    pub fn messages_to(&self, to: &str) -> Vec<ShownMessage> {
        let console = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        console.shown.iter().filter(|message| message.to == to).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_message_is_printed_and_kept_for_its_phone() {
        let paper = Paper::default();
        let console = OperatorConsole::printing(paper.clone());
        assert_eq!(console.show("+48501234567", "123456 to kod").unwrap(), 1);
        assert_eq!(console.clone().show("+48501234568", "654321 to kod").unwrap(), 2);
        let texts = |to| console.messages_to(to).into_iter().map(|message| message.text).collect::<Vec<_>>();
        assert_eq!(texts("+48501234567"), ["123456 to kod"]);
        let printed = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert_eq!(printed, "SMS to +48501234567: 123456 to kod\nSMS to +48501234568: 654321 to kod\n");
        assert!(!format!("{console:?} {:?}", console.messages_to("+48501234567")).contains("123456"));
    }

    #[test]
    fn the_oldest_messages_go_first() {
        let console = OperatorConsole::new();
        for number in 0..=KEPT {
            console.show("+48501234567", &number.to_string()).unwrap();
        }
        let kept = console.messages_to("+48501234567");
        assert_eq!((kept.len(), kept[0].text.as_str()), (KEPT, "1"));
    }
}
