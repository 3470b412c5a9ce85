"""What the steps stand on: plain Python that starts servers, makes databases, runs scripts and compares."""
