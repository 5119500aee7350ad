/** A log in the shape of Interaction Server's, written by hand. */
export const labLog = `Application name:        ixn_lab
Application type:        InteractionServer (73)
Host name:               lab-ixn-1
Time zone:               0, UTC
Start time (UTC):        2026-03-02T08:00:00
File:                    (1) ixn_lab.20260302_080000_000.log

08:00:00.004 Std 05060 Application started
08:00:01.100 Trc 04520 New client 51 connected
08:00:01.112 Trc 26015 Received message 'RequestRegisterClient' (100) from client 'desk-1', message attributes:
	attr_client_name [str] = "desk-1"
	attr_client_type [int] = 2 [AgentApplication]
	attr_ref_id [int] = 1
08:00:01.113 Std 26102 New agent application registered, client name: desk-1
08:00:01.114 Trc 26016 Sending message 'EventAck' (125) to client 'desk-1', message attributes:
	attr_ref_id [int] = 1
08:00:02.000 Trc 04520 New client 52 connected
08:00:02.020 Trc 26015 Received message 'RequestRegisterClient' (100) from client 'kiosk-9', message attributes:
	attr_client_name [str] = "kiosk-9"
	attr_client_type [int] = 9
	attr_ref_id [int] = 1
08:00:02.021 Trc 26016 Sending message 'EventError' (126) to client 'kiosk-9', message attributes:
	attr_error_code [int] = 2
	attr_error_desc [str] = "client is not valid"
	attr_ref_id [int] = 1
08:00:07.022 Trc 26010 Closing client connection by the initiative of the server, client 'kiosk-9'
08:00:07.023 Trc 04524 Client 'kiosk-9' disconnected
08:01:00.000 Trc 04524 Client 'desk-1' disconnected
`;

/** One more client, whose answer matches no request. */
export const wrongAnswer = `08:02:00.000 Trc 04520 New client 56 connected
08:02:00.010 Trc 26015 Received message 'RequestRegisterClient' (100) from client 'odd', message attributes:
	attr_client_name [str] = "odd"
	attr_ref_id [int] = 1
08:02:00.011 Trc 26016 Sending message 'EventAck' (125) to client 'odd', message attributes:
	attr_ref_id [int] = 77
08:02:01.000 Trc 04524 Client 'odd' disconnected
`;
