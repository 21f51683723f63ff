"""Events and health to MQTT: messages, outbox, link, the embedded broker."""
