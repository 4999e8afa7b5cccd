//! How a demonstration speaks: one line a step, for people or as JSON, and the first step that does not hold ends it.

use std::fmt::Display;
use std::future::Future;
use std::io::Write;
use std::time::Instant;

use serde::Serialize;

use super::DemoError;

/// Where the steps of a scene are told.
#[derive(Debug)]
pub(super) struct Stage {
    json: bool,
    scene: &'static str,
    steps: usize,
    began: Instant,
}

/// A step as one line of JSON.
#[derive(Debug, Serialize)]
struct Line {
    scene: &'static str,
    step: &'static str,
    ok: bool,
    ms: f64,
}

/// What a step shows when it holds: a line for people.
pub(super) struct Shown<T> {
    /// What later steps need.
    pub(super) value: T,
    /// What was seen, in a few words.
    pub(super) seen: String,
}

impl<T> Shown<T> {
    pub(super) fn new(value: T, seen: impl Into<String>) -> Self {
        Self { value, seen: seen.into() }
    }
}

impl Stage {
    /// Opens a scene.
    pub(super) fn open(json: bool, scene: &'static str, about: &str) -> Result<Self, DemoError> {
        let stage = Self { json, scene, steps: 0, began: Instant::now() };
        stage.say(format_args!("\n{scene}: {about}\n"))?;
        Ok(stage)
    }

    /// Runs one step, times it and tells its outcome.
    ///
    /// `proves` is what a newcomer learns from it. A step that fails is told as failed and ends the scene with its error.
    pub(super) async fn step<T>(
        &mut self,
        name: &'static str,
        proves: &str,
        act: impl Future<Output = Result<Shown<T>, DemoError>>,
    ) -> Result<T, DemoError> {
        let began = Instant::now();
        let outcome = Box::pin(act).await;
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        self.steps += 1;
        if self.json {
            let line = Line { scene: self.scene, step: name, ok: outcome.is_ok(), ms: (ms * 10.0).round() / 10.0 };
            let line = serde_json::to_string(&line).map_err(std::io::Error::from)?;
            self.write(format_args!("{line}\n"))?;
        } else {
            let mark = if outcome.is_ok() { "✓" } else { "✗" };
            self.write(format_args!("  {mark} {name:<28} {ms:>8.1} ms  {proves}\n"))?;
        }
        match outcome {
            Ok(shown) => {
                if !shown.seen.is_empty() {
                    self.say(format_args!("{:>46}{}", "→ ", shown.seen))?;
                }
                Ok(shown.value)
            }
            Err(source) => Err(DemoError::Step { step: name, source: Box::new(source) }),
        }
    }

    /// Closes the scene with its sum.
    pub(super) fn close(&self) -> Result<(), DemoError> {
        let seconds = self.began.elapsed().as_secs_f64();
        self.say(format_args!("\n{} steps, every one proven, in {seconds:.1} s", self.steps))
    }

    /// A line for people only; JSON output carries nothing but steps.
    pub(super) fn say(&self, line: impl Display) -> Result<(), DemoError> {
        if self.json { Ok(()) } else { self.write(format_args!("{line}\n")) }
    }

    fn write(&self, line: std::fmt::Arguments<'_>) -> Result<(), DemoError> {
        let mut out = std::io::stdout().lock();
        out.write_fmt(line)?;
        out.flush()?;
        Ok(())
    }
}
