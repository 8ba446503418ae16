package main

import "google.golang.org/protobuf/encoding/protowire"

// The fields of calls.proto that this server uses.
type request struct {
	responseBytes uint64
	delayMs       uint64
}

type response struct {
	padding []byte
}

// codec reads and writes them without generated code.
type codec struct{}

func (codec) Name() string { return "proto" }

func (codec) Marshal(message any) ([]byte, error) {
	padding := message.(*response).padding
	if len(padding) == 0 {
		return nil, nil
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), padding), nil
}

func (codec) Unmarshal(data []byte, message any) error {
	in := message.(*request)
	for len(data) > 0 {
		number, kind, tagLength := protowire.ConsumeTag(data)
		if tagLength < 0 {
			return protowire.ParseError(tagLength)
		}
		length := protowire.ConsumeFieldValue(number, kind, data[tagLength:])
		if length < 0 {
			return protowire.ParseError(length)
		}
		if kind == protowire.VarintType {
			value, _ := protowire.ConsumeVarint(data[tagLength:])
			switch number {
			case 1:
				in.responseBytes = value
			case 3:
				in.delayMs = value
			}
		}
		data = data[tagLength+length:]
	}
	return nil
}
