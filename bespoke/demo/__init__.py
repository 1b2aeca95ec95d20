"""The demo house as data, and `rehearse`: a whole commission played through the services that pages and API call."""
