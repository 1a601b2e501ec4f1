// SPDX-License-Identifier: Apache-2.0
#include "codec/websocket_decoder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/websocket_frame.hpp"

namespace dragoman::codec {
namespace {

struct Record final : DecoderSink {
  std::vector<std::string> seen;
  bool stop = false;
  bool note(std::string what) {
    seen.push_back(std::move(what));
    return !stop;
  }
  bool on_message(std::uint8_t opcode, std::string_view m) override {
    return note(std::to_string(opcode) + ":" + std::string(m));
  }
  bool on_ping(std::string_view p) override { return note("ping:" + std::string(p)); }
  bool on_pong(std::string_view p) override { return note("pong:" + std::string(p)); }
  bool on_close(std::uint16_t code, std::string_view r) override {
    return note("close:" + std::to_string(code) + ":" + std::string(r));
  }
};

std::string frame(std::uint8_t first, std::string payload, bool masked = true) {
  std::string out(header_size(payload.size()), '\0');
  write_header(out.data(), 0, false, payload.size());
  out[0] = static_cast<char>(first);
  if (!masked) return out + payload;
  out[1] = static_cast<char>(out[1] | 0x80);
  const char mask[] = {'\x12', '\x34', '\x56', '\x78'};
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return out + std::string(mask, 4) + payload;
}

std::string packed(std::string_view text) {
  Deflater d;
  std::string out;
  d.compress(text, out);
  return out;
}

// Everything that can follow each other in an orderly conversation.
std::string conversation(bool deflate) {
  std::string c = frame(0x81, "hello") + frame(0x82, std::string("\0\xff", 2)) + frame(0x81, "") + frame(0x01, "\xce") +
                  frame(0x89, "p") + frame(0x00, "\xba\xf0\x9f") + frame(0x8a, "") + frame(0x00, "") +
                  frame(0x80, "\x98\x80") + frame(0x82, std::string(300, 'x')) + frame(0x81, std::string(70000, 'y')) +
                  frame(0x02, "") + frame(0x80, "");
  if (deflate) {
    const std::string z = packed("compressed, in three parts");
    c += frame(0xc1, packed("compressed")) + frame(0x41, z.substr(0, 3)) + frame(0x89, std::string(125, 'q')) +
         frame(0x00, z.substr(3, 4)) + frame(0x80, z.substr(7)) + frame(0xc2, packed("")) + frame(0x81, "plain again");
  }
  return c + frame(0x88, std::string("\x03\xe8", 2) + "bye");
}

std::vector<std::string> run(const std::string& bytes, const std::vector<std::size_t>& cuts, bool deflate,
                             DecodeResult* last = nullptr, DecoderLimits limits = {}) {
  WebSocketDecoder decoder(deflate);
  Inflater inflater;
  Record sink;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t to = i < cuts.size() ? cuts[i] : bytes.size();
    std::string piece = bytes.substr(from, to - from);
    const DecodeResult r = decoder.feed(piece, sink, limits, &inflater);
    if (last) *last = r;
    if (r.error_code) break;
    EXPECT_EQ(r.consumed, piece.size());
    from = to;
  }
  return sink.seen;
}

TEST(WebSocketDecoder, EveryByteSplitGivesTheSame) {
  for (const bool deflate : {false, true}) {
    const std::string bytes = conversation(deflate);
    const auto whole = run(bytes, {}, deflate);
    ASSERT_EQ(whole.size(), deflate ? 15u : 10u);
    EXPECT_EQ(whole[0], "1:hello");
    EXPECT_EQ(whole[5], "1:\xce\xba\xf0\x9f\x98\x80");
    EXPECT_EQ(whole.back(), "close:1000:bye");
    // The long messages are the same everywhere inside: every byte of the rest, and a sample there.
    for (std::size_t i = 1; i<bytes.size(); i += i> 500 && i < 70000 ? 997 : 1)
      ASSERT_EQ(run(bytes, {i}, deflate), whole) << i;
    std::vector<std::size_t> each(bytes.size() - 1);
    for (std::size_t i = 0; i < each.size(); ++i) each[i] = i + 1;
    EXPECT_EQ(run(bytes, each, deflate), whole) << "byte by byte";
    for (std::size_t step : {2u, 3u, 7u, 1000u}) {
      std::vector<std::size_t> cuts;
      for (std::size_t i = step; i < bytes.size(); i += step) cuts.push_back(i);
      EXPECT_EQ(run(bytes, cuts, deflate), whole) << step;
    }
  }
}

TEST(WebSocketDecoder, ProtocolErrors) {
  struct Row {
    const char* what;
    std::string bytes;
    std::uint16_t code;
    bool deflate = false;
  };
  for (const auto& row : std::vector<Row>{
           {"unmasked", frame(0x81, "x", false), 1002},
           {"RSV1", frame(0xc1, "x"), 1002},
           {"RSV2", frame(0xa1, "x"), 1002, true},
           {"RSV1 on a continuation", frame(0x01, "x") + frame(0xc0, "y"), 1002, true},
           {"RSV1 on a ping", frame(0xc9, "x"), 1002, true},
           {"opcode 3", frame(0x83, "x"), 1002},
           {"opcode 11", frame(0x8b, "x"), 1002},
           {"fragmented ping", frame(0x09, "x"), 1002},
           {"long ping", frame(0x89, std::string(126, 'x')), 1002},
           {"continuation of nothing", frame(0x80, "x"), 1002},
           {"message in a message", frame(0x01, "x") + frame(0x81, "y"), 1002},
           {"close of one byte", frame(0x88, "x"), 1002},
           {"close 1005", frame(0x88, "\x03\xed"), 1002},
           {"close 999", frame(0x88, "\x03\xe7"), 1002},
           {"close 1016", frame(0x88, "\x03\xf8"), 1002},
           {"close 5000", frame(0x88, "\x13\x88"), 1002},
           {"close with bad text", frame(0x88, "\x03\xe8\xff"), 1007},
           {"bad text", frame(0x81, "\xff"), 1007},
           {"text cut short", frame(0x81, "\xc3"), 1007},
           {"text cut short by the last fragment", frame(0x01, "a") + frame(0x80, "\xc3"), 1007},
           {"bad text in the first of two fragments", frame(0x01, "\xff"), 1007},
           {"bad compressed data", frame(0xc2, "\xff\xff\xff"), 1007, true},
           {"bad compressed text", frame(0xc1, packed("\xff")), 1007, true},
           {"16-bit length that fits 7", std::string("\x82\xfe\x00\x05\0\0\0\0", 8), 1002},
           {"64-bit length that fits 16", std::string("\x82\xff\0\0\0\0\0\0\x10\x00\0\0\0\0", 14), 1002},
           {"length with the top bit", std::string("\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 14), 1002},
           {"too big", std::string("\x82\xff\0\0\0\0\x10\0\0\0\0\0\0\0", 14), 1009},
       }) {
    for (std::size_t step : {std::size_t{1}, row.bytes.size()}) {
      std::vector<std::size_t> cuts;
      for (std::size_t i = step; i < row.bytes.size(); i += step) cuts.push_back(i);
      DecodeResult last;
      run(row.bytes, cuts, row.deflate, &last);
      EXPECT_EQ(last.error_code, row.code) << row.what << ", " << step << " at a time";
    }
  }
}

TEST(WebSocketDecoder, TextFailsAtTheFirstWrongByte) {
  const std::string bytes = frame(0x81, "good\xff and a lot more").substr(0, 6 + 5);
  DecodeResult last;
  run(bytes, {}, false, &last);
  EXPECT_EQ(last.error_code, 1007) << "before the frame is complete";
}

TEST(WebSocketDecoder, Limits) {
  DecodeResult last;
  const DecoderLimits small{100, 50, 3};
  run(frame(0x82, std::string(100, 'x')), {}, false, &last, small);
  EXPECT_EQ(last.error_code, 0);
  run(frame(0x82, std::string(101, 'x')).substr(0, 8), {}, false, &last, small);
  EXPECT_EQ(last.error_code, 1009) << "from the head alone";
  run(frame(0x02, std::string(60, 'x')) + frame(0x00, std::string(41, 'x')), {}, false, &last, small);
  EXPECT_EQ(last.error_code, 1009) << "the sum of the fragments";
  run(frame(0xc2, packed(std::string(101, 'x'))), {}, true, &last, small);
  EXPECT_EQ(last.error_code, 1009) << "after inflating";
  run(frame(0xc2, std::string(51, 'x')), {}, true, &last, small);
  EXPECT_EQ(last.error_code, 1009) << "before inflating";
  run(frame(0x02, "") + frame(0x00, "") + frame(0x00, "") + frame(0x00, ""), {}, false, &last, small);
  EXPECT_EQ(last.error_code, 1008) << "empty fragments count";
}

TEST(WebSocketDecoder, WhatMustPass) {
  std::string many = frame(0x01, "x");
  for (int i = 0; i < 65535; ++i) many += frame(0x00, "x");
  const auto seen = run(many + frame(0x80, "x"), {}, false);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].size(), 65537u + 2);
  EXPECT_EQ(run(frame(0x82, std::string(16 << 20, 'x')), {12345}, false, nullptr, {16 << 20, 16 << 20, 10}).size(), 1u);
}

TEST(WebSocketDecoder, ASinkThatStopsGetsTheRestLater) {
  WebSocketDecoder decoder(false);
  Record sink;
  sink.stop = true;
  std::string bytes = frame(0x81, "one") + frame(0x81, "two");
  const DecodeResult first = decoder.feed(bytes, sink, {}, nullptr);
  EXPECT_EQ(first.consumed, frame(0x81, "one").size());
  EXPECT_EQ(sink.seen, (std::vector<std::string>{"1:one"}));
  decoder.feed(std::span(bytes).subspan(first.consumed), sink, {}, nullptr);
  EXPECT_EQ(sink.seen, (std::vector<std::string>{"1:one", "1:two"}));
}

TEST(WebSocketDecoder, IdleIsSmall) {
  EXPECT_LE(sizeof(WebSocketDecoder), 96u);
}

TEST(WebSocketFrame, HeadsOfEveryLength) {
  for (const std::size_t size : {0u, 125u, 126u, 65535u, 65536u, 1u << 30}) {
    char head[10];
    write_header(head, op_text, true, size);
    EXPECT_EQ(static_cast<unsigned char>(head[0]), 0xc1);
    std::uint64_t length = static_cast<unsigned char>(head[1]);
    const std::size_t extra = header_size(size) - 2;
    if (extra) length = 0;
    for (std::size_t i = 0; i < extra; ++i) length = length << 8 | static_cast<unsigned char>(head[2 + i]);
    EXPECT_EQ(length, size);
  }
  EXPECT_EQ(close_payload(1000, std::string(122, 'a') + "\xc3\xa9").size(), 124u) << "cut at a character";
}

}  // namespace
}  // namespace dragoman::codec
