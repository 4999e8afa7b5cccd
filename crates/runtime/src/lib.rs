//! What every service runs on: configuration, telemetry, gRPC servers and channels, start-up and drain
