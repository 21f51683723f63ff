"""Events and health to MQTT: messages, outbox, link, Home Assistant, commands, and how a broker is set up."""
