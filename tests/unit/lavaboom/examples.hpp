// SPDX-License-Identifier: Apache-2.0
// The examples of the document, letter by letter.
#pragma once
#include <string>

namespace lavaboom {

inline const std::string request_example = R"({
    "type": "request",
    "id": "123",
    "method": "GET",
    "path": "/"
})";
inline const std::string response_example = R"({
    "type": "response",
    "body": "{\"message\":\"Lavaboom API\",\"docs_url\":\"http://lavaboom.readme.io/\",\"version\":\"v0\"}",
    "headers": {
        "Content-Type": ["application/json; charset=utf-8"]
    },
    "id": "123",
    "status": 200
})";
inline const std::string subscribe_example = R"({
    "type": "subscribe",
    "token": "valid token"
})";
inline const std::string subscribed_example = R"({
    "type": "subscribed"
})";
inline const std::string unsubscribe_example = R"({
    "type": "unsubscribe"
})";
inline const std::string unsubscribed_example = R"({
    "type": "unsubscribed"
})";
inline const std::string delivery_example = R"({
    "type": "delivery",
    "id": "delivered email id",
    "name": "Hello world"
})";
inline const std::string receipt_example = R"({
    "type": "receipt",
    "id": "received email id",
    "name": "Hello world"
})";

}  // namespace lavaboom
