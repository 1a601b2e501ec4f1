// SPDX-License-Identifier: Apache-2.0
// The examples of the document, letter by letter.
#pragma once
#include <string>

namespace honeytrap {

inline const std::string fetch_sessions_example = "{\n    \"type\": 1,\n}\n";
inline const std::string fetch_events_example = "{\n    \"type\": 3,\n}\n";
inline const std::string error_example = R"({
    "type":7,
    "payload": {
        "request": 1,
        "error": "Failed to retreive events due to db connection"
    }
}
)";
inline const std::string session_example = R"({
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
        })";
inline const std::string event_example = R"({
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
        })";
// The payload of an example, with the comma behind its only event.
inline std::string example_payload(const std::string& event) {
  return "[\n        " + event + ",\n    ]";
}
inline std::string example_frame(int type, const std::string& event) {
  return "{\n    \"type\": " + std::to_string(type) + ",\n    \"payload\":" + example_payload(event) + "\n}\n";
}

}  // namespace honeytrap
