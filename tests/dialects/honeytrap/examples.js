// SPDX-License-Identifier: Apache-2.0
// The JSON examples of the document, letter by letter.
'use strict';

const fetchSessions = `{
    "type": 1,
}`;
const fetchEvents = `{
    "type": 3,
}`;
const error = `{
    "type":7,
    "payload": {
        "request": 1,
        "error": "Failed to retreive events due to db connection"
    }
}`;
const sessionEvent = `{
            "type": 1,
            "sensor":"ssh_session",
            "date":"06-04-2013",
            "started":"06-04-2013 01:11:10:32",
            "ended":"06-04-2013 12:11:10:32",
            "token":"43354-57-76767-6767-676334-4343-44334",
            "location":"unknown",
            "category":"SSHConnections",
            "hostAddr":"10.78.54.100:7080",
            "localAddr":"43.65.78.2:5000",
            "data":"=b534sfsds34343wwe3443;43434-4343",
            "details": {"extra_data":[]},
            "session_id": "6575-232-4545-232443-55454",
            "container_id": "4343434-43-3434-43434343"
        }`;
const otherEvent = `{
            "type": 1,
            "sensor":"ping",
            "date":"06-04-2013",
            "started":"06-04-2013 01:11:10:32",
            "ended":"06-04-2013 12:11:10:32",
            "token":"43354-57-76767-6767-676334-4343-44334",
            "location":"unknown",
            "category":"connections",
            "hostAddr":"10.78.54.100:7080",
            "localAddr":"43.65.78.2:5000",
            "data":"=b534sfsds34343wwe3443;43434-4343",
            "details": {"extra_data":[]},
            "session_id": "6575-232-4545-232443-55454",
            "container_id": "4343434-43-3434-43434343"
        }`;
const payload = (event) => `[
        ${event},
    ]`;
const frame = (type, event) => `{
    "type": ${type},
    "payload":${payload(event)}
}`;
const fetchSessionsReply = frame(2, sessionEvent);
const fetchEventsReply = frame(4, otherEvent);
const newSessions = frame(6, sessionEvent);
const newEvents = frame(5, otherEvent);

// JSON.parse for what the document prints: one comma before } or ]. No string of the examples holds such a thing.
const parse = (text) => JSON.parse(text.replace(/,(\s*[}\]])/g, '$1'));

module.exports = { error, fetchEvents, fetchEventsReply, fetchSessions, fetchSessionsReply, newEvents, newSessions, otherEvent, parse, payload, sessionEvent };
